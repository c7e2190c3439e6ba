using System.Net.Sockets;
using Azure;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>What a failed request to the blob service means.</summary>
internal static class BlobLogFailure
{
    /// <summary>Whether the service answered, and would answer the same again.</summary>
    public static bool IsAnswer(RequestFailedException failure) => failure.Status is >= 400 and < 500 and not (408 or 429);

    /// <summary>Whether it is certain that the service never saw the request: there was no connection.</summary>
    public static bool NeverSent(Exception failure) => failure switch
    {
        // What a client with retries of its own throws when none had an answer.
        AggregateException attempts => attempts.InnerExceptions.All(NeverSent),
        RequestFailedException { Status: 0, InnerException: { } cause } => NeverSent(cause),
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError, InnerException: SocketException,
        } => true,
        _ => false,
    };

    /// <summary>The reason in words. The service's own text is left out: it may quote what was signed.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        RequestFailedException { Status: > 0 } refused => $"{refused.ErrorCode ?? "refused"} (status {refused.Status})",
        AggregateException attempts => Reason(attempts.InnerExceptions[^1]),
        OperationCanceledException => "no answer in time",
        _ => failure.Message.TrimEnd('.'),
    };
}
