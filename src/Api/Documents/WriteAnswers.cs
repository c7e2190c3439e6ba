using KgOrleans.Api.Problems;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Documents;

/// <summary>A write that is durable.</summary>
/// <param name="Id">Id of the document.</param>
/// <param name="Version">Its version now: the ETag without quotes.</param>
public sealed record Written(string Id, long Version);

/// <summary>Results of grain writes as HTTP answers.</summary>
internal static class WriteAnswers
{
    /// <summary>201, 200, 204, or a problem.</summary>
    /// <param name="http">The request.</param>
    /// <param name="id">Id of the document.</param>
    /// <param name="operation">What was asked for.</param>
    /// <param name="result">How it ended.</param>
    public static IResult From(HttpContext http, string id, WriteOperation operation, WriteResult result)
    {
        switch (result.Status)
        {
            case WriteStatus.Created or WriteStatus.Updated when operation == WriteOperation.Delete:
                return TypedResults.NoContent();
            case WriteStatus.Created or WriteStatus.Updated:
                http.Response.Headers.ETag = VersionConditions.ETag(result.Version);
                var written = new Written(id, result.Version);
                return result.Status == WriteStatus.Created ? TypedResults.Created(http.Request.Path.ToUriComponent(), written) : TypedResults.Ok(written);
            case WriteStatus.NotFound:
                return NotFound(id);
            case WriteStatus.VersionMismatch:
                return VersionConditions.Mismatch(http);
            case WriteStatus.Invalid:
                return Problem.Invalid(result.Errors);
            case WriteStatus.Conflict:
                return Problem.OfStatus(StatusCodes.Status409Conflict, Reason(result));
            default:
                return Problem.Unavailable(Reason(result));
        }
    }

    /// <summary>404 of a document.</summary>
    public static Problem NotFound(string id) => Problem.OfStatus(StatusCodes.Status404NotFound, $"There is no {id}.");

    /// <summary>The reasons of a refusal in one line.</summary>
    public static string Reason(WriteResult result) => result.Errors.Length == 0
        ? result.Status.ToString()
        : string.Join("; ", result.Errors.Select(e => $"{e.Field}: {e.Message}"));
}
