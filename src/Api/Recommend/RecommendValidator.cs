using System.Text.Json;
using KgOrleans.Api.Json;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Recommend;

/// <summary>The rules that a request for a page obeys.</summary>
internal static class RecommendValidator
{
    public const int DefaultPageSize = 10;
    private const int ContextMembers = 16;
    private const int Labels = 16;
    private const int TextLength = 256;
    private const int ShortestTimeout = 10;
    private const int LongestTimeout = 30_000;

    /// <summary>Checks a request; returns every error.</summary>
    public static IReadOnlyList<FieldError> Validate(RecommendRequest request, DateTimeOffset now)
    {
        var checks = new FieldChecks();
        checks.Id("userId", request.UserId);
        checks.Id("scene", request.Scene);
        checks.Range("pageSize", request.PageSize, 1, Limits.PageSize);
        checks.Ids("exclude", request.Exclude, Limits.Exclude);
        checks.Range("timeoutMs", request.TimeoutMs, ShortestTimeout, LongestTimeout);
        checks.Time("now", request.Now, now + Limits.FarthestFuture);
        if (request.Seed is not null && !request.DryRun)
            checks.Add("seed", "dryRunOnly", "is allowed with dryRun only");
        if (request.Now is not null && !request.DryRun)
            checks.Add("now", "dryRunOnly", "is allowed with dryRun only");
        CheckLabels(checks, request.Labels);
        if (Present(request.Context) is { } context)
            CheckContext(checks, context);
        if (Present(request.Filter) is { } filter)
            CheckFilter(checks, filter);
        return checks.Errors;
    }

    /// <summary>UTF-8 of an optional member; null when it is absent or <c>null</c>.</summary>
    public static byte[]? Bytes(JsonElement? json) =>
        Present(json) is { } present ? System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(present).ToArray() : null;

    private static JsonElement? Present(JsonElement? json) => json is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } ? json : null;

    private static void CheckLabels(FieldChecks checks, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
            return;
        if (labels.Count > Labels)
            checks.Add("labels", "tooMany", $"has {labels.Count} entries, at most {Labels} are allowed");
        foreach (var (name, value) in labels.Take(Labels))
        {
            if (CheckName(checks, "labels", name) && value is null)
                checks.Add($"labels.{name}", "wrongType", "must be text");
            else
                checks.Text($"labels.{Short(name)}", value, TextLength);
        }
    }

    private static void CheckContext(FieldChecks checks, JsonElement context)
    {
        if (context.ValueKind != JsonValueKind.Object)
        {
            checks.Add("context", "wrongType", "must be an object");
            return;
        }
        if (!JsonText.IsValid(context))
        {
            checks.Add("context", "invalidText", "holds text that is no valid Unicode");
            return;
        }
        if (context.GetPropertyCount() > ContextMembers)
        {
            checks.Add("context", "tooMany", $"has {context.GetPropertyCount()} members, at most {ContextMembers} are allowed");
            return;
        }
        foreach (var member in context.EnumerateObject())
        {
            if (!CheckName(checks, "context", member.Name))
                continue;
            if (member.Value.ValueKind == JsonValueKind.String)
                checks.Text($"context.{member.Name}", member.Value.GetString(), TextLength);
            else if (member.Value.ValueKind != JsonValueKind.Number || !double.IsFinite(member.Value.GetDouble()))
                checks.Add($"context.{member.Name}", "wrongType", "must be text or a finite number");
        }
    }

    private static void CheckFilter(FieldChecks checks, JsonElement filter)
    {
        if (JsonText.IsValid(filter))
            ItemFilter.Parse(filter, "filter", checks);
        else
            checks.Add("filter", "invalidText", "holds text that is no valid Unicode");
    }

    private static bool CheckName(FieldChecks checks, string field, string name)
    {
        if (Limits.IsId(name))
            return true;
        checks.Id($"{field}.{Short(name)}", name);
        return false;
    }

    private static string Short(string name) => name[..Math.Min(name.Length, 32)];
}
