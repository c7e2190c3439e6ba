using System.Buffers;
using System.Text.Json;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Documents;

/// <summary>Checks of a document that came for an id of the path.</summary>
internal static class DocumentInput
{
    /// <summary>The problem of an id in a path; null for a good one.</summary>
    public static Problem? CheckId(string field, string id)
    {
        var checks = new FieldChecks();
        checks.Id(field, id);
        return checks.Errors.Count == 0 ? null : Problem.Invalid(checks.Errors);
    }

    /// <summary>The problem of a body that names another id than the path; null when they agree or the body names none.</summary>
    public static Problem? CheckSameId(string field, string pathId, string? bodyId) =>
        string.IsNullOrEmpty(bodyId) || bodyId == pathId ? null : Problem.Invalid(field, "mismatch", $"differs from the id in the path, {pathId}");

    /// <summary>
    /// Checks the shape of a merge patch (RFC 7396) against a document type: known members, right types. What the merged document must obey is the grain's to
    /// check.
    /// </summary>
    /// <param name="utf8">The patch.</param>
    /// <param name="idField">Name of the id, which a patch may repeat but not change.</param>
    /// <param name="pathId">Id of the path.</param>
    public static Problem? CheckPatch<T>(ReadOnlyMemory<byte> utf8, string idField, string pathId)
        where T : class
    {
        if (JsonBody.TryParse(utf8, out var document) is { } broken)
            return broken;
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Problem.Invalid("$", "wrongType", "a merge patch must be an object");
            // Also beside a null, which is not read otherwise: the grain would stumble over it.
            if (JsonText.FindInvalid(document.RootElement, "") is { } noText)
                return Problem.Invalid([noText]);
            if (!InputJson.TryRead<T>(utf8.Span, "", InputJson.PatchOptions, out _, out var error) && !FitsWithoutNulls<T>(document.RootElement, ref error))
                return Problem.Invalid([error]);
            // Without them the document would silently take the enumeration's first value.
            foreach (var property in InputJson.Options.GetTypeInfo(typeof(T)).Properties.Where(p => p.IsRequired))
            {
                if (document.RootElement.TryGetProperty(property.Name, out var value) && value.ValueKind == JsonValueKind.Null)
                    return Problem.Invalid(property.Name, "required", "cannot be removed");
            }
            return document.RootElement.TryGetProperty(idField, out var id) && !(id.ValueKind == JsonValueKind.String && id.ValueEquals(pathId))
                ? Problem.Invalid(idField, "mismatch", $"differs from the id in the path, {pathId}")
                : null;
        }
    }

    private static bool FitsWithoutNulls<T>(JsonElement patch, ref FieldError error)
        where T : class
    {
        // A null that the type cannot hold (kind, an entry of features) is the patch's way to remove: without the nulls the rest must fit.
        if (error.Code == "unknownMember")
            return false;
        var rest = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(rest))
            CopyWithoutNulls(patch, writer);
        return InputJson.TryRead<T>(rest.WrittenSpan, "", InputJson.PatchOptions, out _, out error);
    }

    private static void CopyWithoutNulls(JsonElement json, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
                continue;
            if (member.Value.ValueKind != JsonValueKind.Object)
            {
                member.WriteTo(writer);
                continue;
            }
            writer.WritePropertyName(member.Name);
            CopyWithoutNulls(member.Value, writer);
        }
        writer.WriteEndObject();
    }
}
