namespace KgOrleans.Api.Json;

/// <summary>The byte order mark that some editors and exports put before UTF-8. It is no part of the text.</summary>
internal static class Bom
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>A document or line without the mark that it may start with.</summary>
    public static ReadOnlyMemory<byte> Strip(ReadOnlyMemory<byte> utf8) => utf8.Span.StartsWith(Mark) ? utf8[Mark.Length..] : utf8;
}
