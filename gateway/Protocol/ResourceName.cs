namespace GlueOrleans.Gateway.Protocol;

/// <summary>The names that jobs and usage profiles can have, for requests in which the model leaves them unbounded.</summary>
/// <remarks>
/// What comes as a name goes into the key of a grain. One that nothing can be called must not get there: no grain would be
/// the wiser, it would have a state looked up, and PostgreSQL has no text with U+0000.
/// </remarks>
internal static class ResourceName
{
    private static readonly Shape Named = ShapeTable.Glue.Shapes["NameString"];

    public static bool IsPossible(string name) => !StringConstraints.Broken(Named, name).Any();
}
