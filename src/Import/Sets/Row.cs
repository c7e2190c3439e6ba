namespace KgOrleans.Import.Sets;

/// <summary>A row of a delimited file.</summary>
/// <param name="Line">Line of the file, from 1; the header is line 1.</param>
/// <param name="Fields">The fields.</param>
public readonly record struct Row(long Line, string[] Fields)
{
    private const int ExcerptLength = 60;

    /// <summary>A field by position.</summary>
    public string this[int column] => Fields[column];

    /// <summary>The start of the row, for messages.</summary>
    public string Excerpt
    {
        get
        {
            var text = string.Join(" | ", Fields);
            return text.Length <= ExcerptLength ? text : text[..ExcerptLength] + "...";
        }
    }
}
