using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains;

/// <summary>Reads the document that a write leads to, or says why there is none.</summary>
internal static class WrittenDocument
{
    /// <summary>The document of a write that replaces.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The document, or the refusal: always one of them.</returns>
    public static (T? Document, WriteResult? Refusal) Put<T>(byte[] json)
        where T : class => InputJson.TryRead<T>(json, "", InputJson.PatchOptions, out var document, out var error) ? (document, null) : (null, Refused(error));

    /// <summary>The document of a write that merges (RFC 7396).</summary>
    /// <param name="current">The document before the write.</param>
    /// <param name="patch">UTF-8 JSON of the merge patch.</param>
    /// <returns>The document, or the refusal: always one of them.</returns>
    public static (T? Document, WriteResult? Refusal) Patch<T>(T current, byte[] patch)
        where T : class
    {
        JsonNode? changes;
        try
        {
            changes = JsonNode.Parse(patch, documentOptions: MergePatch.Strict);
        }
        catch (JsonException)
        {
            return (null, Refused(BrokenJson.Locate(patch)));
        }
        return Put<T>(JsonSerializer.SerializeToUtf8Bytes(MergePatch.Apply(JsonSerializer.SerializeToNode(current, KgJson.Options), changes)));
    }

    private static WriteResult Refused(FieldError error) => WriteResult.Invalid([error]);
}
