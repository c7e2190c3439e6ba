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

    /// <summary>The error of a body that names another id than the path; none when they agree or the body names none.</summary>
    public static IEnumerable<FieldError> CheckSameId(string field, string pathId, string? bodyId) =>
        string.IsNullOrEmpty(bodyId) || bodyId == pathId ? [] : [OtherId(field, pathId)];

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
            var patch = document.RootElement;
            if (patch.ValueKind != JsonValueKind.Object)
                return Problem.Invalid("$", "wrongType", "a merge patch must be an object");
            // Also beside a null, which is not read otherwise: the grain would stumble over it.
            if (JsonText.FindInvalid(patch, "") is { } noText)
                return Problem.Invalid([noText]);
            var errors = new List<FieldError>();
            if (!InputJson.TryRead<T>(utf8.Span, "", InputJson.PatchOptions, out _, out _))
                errors.AddRange(MisfitsWithoutNulls<T>(patch));
            // Without them the document would silently take the enumeration's first value.
            foreach (var property in InputJson.Options.GetTypeInfo(typeof(T)).Properties.Where(p => p.IsRequired))
            {
                if (patch.TryGetProperty(property.Name, out var value) && value.ValueKind == JsonValueKind.Null)
                    errors.Add(new FieldError(property.Name, "required", "cannot be removed"));
            }
            if (!errors.Exists(e => e.Field == idField) && patch.TryGetProperty(idField, out var id)
                && !(id.ValueKind == JsonValueKind.String && id.ValueEquals(pathId)))
                errors.Add(OtherId(idField, pathId));
            return errors.Count == 0 ? null : Problem.Invalid(errors);
        }
    }

    private static FieldError OtherId(string field, string pathId) => new(field, "mismatch", $"differs from the id in the path, {pathId}");

    // A null that the type cannot hold (kind, an entry of features) is the patch's way to remove: without the nulls the rest must fit.
    private static IReadOnlyList<FieldError> MisfitsWithoutNulls<T>(JsonElement patch)
        where T : class
    {
        var rest = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(rest))
            CopyWithoutNulls(patch, writer);
        var (whole, checks) = (new FieldChecks(), new FieldChecks());
        JsonShape.Fit<T>(patch, InputJson.PatchOptions, whole);
        JsonShape.Fit<T>(JsonElement.Parse(rest.WrittenSpan, InputJson.DocumentOptions), InputJson.PatchOptions, checks);
        // Names that mean nothing are wrong beside a null too.
        return [.. whole.Errors.Where(e => e.Code is "unknownMember" or "duplicateMember").Union(checks.Errors)];
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
