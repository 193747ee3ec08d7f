-- Which runs ended first: read by the removal of those that ended too long ago.
CREATE INDEX runs_ended ON runs (completed_on, id) WHERE completed_on IS NOT NULL;
