using System.Diagnostics;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using Microsoft.AspNetCore.WebUtilities;

namespace KgOrleans.Api.Problems;

/// <summary>An error as RFC 9457 problem details: the body of every answer that is not a success.</summary>
public sealed class Problem : IResult
{
    /// <summary>Media type of the body.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Kind of problem: a stable URN, as in <c>urn:kgorleans:problem:validation</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Short text of the kind; the same for every problem of one type.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What went wrong this time.</summary>
    public string? Detail { get; init; }

    /// <summary>Fields that are wrong, each with a reason.</summary>
    public IReadOnlyList<ProblemField>? Errors { get; init; }

    /// <summary>Trace of the request, to be quoted to operators.</summary>
    public string? TraceId { get; init; }

    /// <summary>Seconds after which the same request may succeed; sent as <c>Retry-After</c>.</summary>
    internal int? RetryAfterSeconds { get; init; }

    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var traceId = Activity.Current?.Id ?? httpContext.TraceIdentifier;
        var traced = new Problem { Type = Type, Title = Title, Status = Status, Detail = Detail, Errors = Errors, TraceId = traceId };
        // Not with the request's token: a request that ran out of time has cancelled it, and this is what it is told. A few hundred bytes wait for nobody.
        return response.WriteAsJsonAsync(traced, KgJson.Options, MediaType, CancellationToken.None);
    }

    /// <summary>A problem that its status says all about.</summary>
    internal static Problem OfStatus(int status, string? detail = null)
    {
        var title = ReasonPhrases.GetReasonPhrase(status);
        var kind = title.Length == 0 ? status.ToString(System.Globalization.CultureInfo.InvariantCulture) : Slug(title);
        return new Problem { Type = $"urn:kgorleans:problem:{kind}", Title = title, Status = status, Detail = detail };
    }

    /// <summary>400: fields break rules.</summary>
    internal static Problem Invalid(IEnumerable<FieldError> errors)
    {
        ProblemField[] fields = [.. errors.Select(e => new ProblemField(e.Field, e.Code, e.Message))];
        return new Problem
        {
            Type = "urn:kgorleans:problem:validation",
            Title = "The request is not valid",
            Status = StatusCodes.Status400BadRequest,
            Detail = fields is [var only] ? $"{only.Field}: {only.Message}" : $"{fields.Length} errors; the first is {fields[0].Field}: {fields[0].Message}",
            Errors = fields,
        };
    }

    /// <summary>400: one field breaks a rule.</summary>
    internal static Problem Invalid(string field, string code, string message) => Invalid([new FieldError(field, code, message)]);

    /// <summary>400: a grain refused a document.</summary>
    internal static Problem Invalid(IEnumerable<WireFieldError> errors) =>
        Invalid(errors.Select(e => new FieldError(e.Field, e.Code, e.Message)).DefaultIfEmpty(new FieldError("$", "invalid", "is not valid")));

    /// <summary>A status other than 400 that one field caused.</summary>
    internal static Problem OfField(int status, string field, string code, string message)
    {
        var problem = OfStatus(status);
        var errors = new[] { new ProblemField(field, code, message) };
        return new Problem { Type = problem.Type, Title = problem.Title, Status = status, Detail = $"{field}: {message}", Errors = errors };
    }

    /// <summary>503 with <c>Retry-After</c>: the same request may succeed soon.</summary>
    internal static Problem Unavailable(string detail) => new()
    {
        Type = "urn:kgorleans:problem:unavailable",
        Title = "Temporarily unavailable",
        Status = StatusCodes.Status503ServiceUnavailable,
        Detail = detail,
        RetryAfterSeconds = 1,
    };

    private static string Slug(string title) => title.ToLowerInvariant().Replace("'", "", StringComparison.Ordinal).Replace(' ', '-');
}

/// <summary>One field that is wrong.</summary>
/// <param name="Field">Path in the request, as in <c>items[3].creatorId</c>; <c>$</c> is the body itself.</param>
/// <param name="Code">Stable code, as in <c>outOfRange</c>.</param>
/// <param name="Message">What was expected and what came.</param>
public sealed record ProblemField(string Field, string Code, string Message);
