using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Requests;

/// <summary>The body of <c>GET /v1/requests/{requestId}</c>.</summary>
/// <param name="RequestId">Id.</param>
/// <param name="At">When it was answered.</param>
/// <param name="UserId">User that the page was for.</param>
/// <param name="Scene">Scene.</param>
/// <param name="PageSize">Items asked for.</param>
/// <param name="Continued">Whether it continued a chain of pages.</param>
/// <param name="DryRun">Whether it was a dry run.</param>
/// <param name="Excluded">Items that the caller excluded.</param>
/// <param name="Filter">The caller's filter.</param>
/// <param name="Context">The caller's context.</param>
/// <param name="Labels">The caller's labels.</param>
/// <param name="Answer">The answer as it was given, with its funnel, and without the next page's token.</param>
public sealed record RequestAnswer(
    string RequestId, DateTimeOffset At, string UserId, string Scene, int PageSize, bool Continued, bool DryRun, int Excluded,
    JsonElement? Filter, ServingContext? Context, IReadOnlyDictionary<string, string> Labels, RecommendAnswer Answer)
{
    /// <summary>The answer from a record.</summary>
    internal static RequestAnswer Of(RequestRecord record) => new(
        record.Answer.RequestId, record.At, record.UserId, record.Scene, record.PageSize, record.Continued, record.DryRun, record.Excluded,
        Parse(record.Filter), record.Context, record.Labels, record.Answer);

    private static JsonElement? Parse(byte[]? json) => json is null ? null : JsonElement.Parse(json);
}
