"""The part of AWS's awsglue package that needs no Spark: getResolvedOptions and Job.

There is no GlueContext here. If the real package (aws-glue-libs) is installed as well, its modules come first, and this
one only fills in what it lacks.
"""

from pkgutil import extend_path

_here = list(__path__)
__path__ = [folder for folder in extend_path(__path__, __name__) if folder not in _here] + _here
