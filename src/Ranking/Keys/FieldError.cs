namespace KgOrleans.Ranking.Keys;

/// <summary>One thing wrong with one field of an input.</summary>
/// <param name="Field">Path of the field in the caller's document, as in <c>vectors.content[3]</c>.</param>
/// <param name="Code">Stable machine-readable code, camelCase, as in <c>outOfRange</c>.</param>
/// <param name="Message">What was sent and what is expected, as a sentence without its subject, the field.</param>
public readonly record struct FieldError(string Field, string Code, string Message)
{
    /// <inheritdoc />
    public override string ToString() => $"{Field}: {Message}";
}
