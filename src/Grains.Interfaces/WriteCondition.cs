namespace KgOrleans.Grains.Interfaces;

/// <summary>The condition of a write, which travels as its <c>IfMatch</c>: a version, <see cref="Absent"/>, or null for none.</summary>
public static class WriteCondition
{
    /// <summary>There must be no document: the write creates. No version is negative.</summary>
    public const long Absent = -1;

    /// <summary>Whether a write may be done.</summary>
    /// <param name="ifMatch">The condition.</param>
    /// <param name="current">Version of the document; null when there is none.</param>
    public static bool Holds(long? ifMatch, long? current) => ifMatch switch
    {
        null => true,
        Absent => current is null,
        { } version => current == version,
    };
}
