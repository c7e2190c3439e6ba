using System.Text.Json;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Recommend;

/// <summary>The rules that a request for a page obeys.</summary>
internal static class RecommendValidator
{
    public const int DefaultPageSize = 10;
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
        checks.Time("now", request.Now, Limits.EarliestTime, now + Limits.FarthestFuture);
        if (request.Seed is not null && !request.DryRun)
            checks.Add("seed", "dryRunOnly", "is allowed with dryRun only");
        if (request.Now is not null && !request.DryRun)
            checks.Add("now", "dryRunOnly", "is allowed with dryRun only");
        CheckLabels(checks, request.Labels);
        if (request.Context is { } context)
            CheckContext(checks, context);
        if (Present(request.Filter) is { } filter)
            CheckFilter(checks, filter);
        return checks.Errors;
    }

    /// <summary>UTF-8 of an optional member; null when it is absent or <c>null</c>.</summary>
    public static byte[]? Bytes(JsonElement? json) =>
        Present(json) is { } present ? System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(present).ToArray() : null;

    /// <summary>A valid context as the cluster knows it; null for none.</summary>
    public static ServingContext? ContextOf(RecommendContext? context) => context is null
        ? null
        : new ServingContext { City = context.City, SongId = context.SongId, Hour = (int?)context.Hour, Device = context.Device };

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

    private static void CheckContext(FieldChecks checks, RecommendContext context)
    {
        checks.OptionalId("context.city", context.City);
        checks.OptionalId("context.songId", context.SongId);
        checks.OptionalId("context.device", context.Device);
        if (context.Hour is { } hour && hour != Math.Floor(hour))
            checks.Add("context.hour", "wrongType", "must be a whole number");
        else
            checks.Range("context.hour", context.Hour, 0, ServingContext.LastHour);
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
