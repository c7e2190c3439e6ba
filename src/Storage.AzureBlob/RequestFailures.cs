using Azure;
using Azure.Storage.Blobs.Models;

namespace Orleans.Storage;

/// <summary>What a refusal of the blob service means.</summary>
internal static class RequestFailures
{
    private const int Unauthorized = 401;
    private const int Forbidden = 403;
    private const int NotFound = 404;
    private const int Conflict = 409;
    private const int PreconditionFailed = 412;

    public static bool IsForbidden(this RequestFailedException failure) => failure.Status is Unauthorized or Forbidden;

    public static bool IsNotFound(this RequestFailedException failure) => failure.Status == NotFound;

    // Answers to HEAD have no body: the code is a header there, which the SDK reads too.
    public static bool IsContainerNotFound(this RequestFailedException failure) => failure.Status == NotFound && failure.ErrorCode == BlobErrorCode.ContainerNotFound;

    /// <summary>Whether a conditional change met another state than it expected: the condition did not hold, or the blob is gone.</summary>
    public static bool IsOtherState(this RequestFailedException failure) =>
        failure.Status is PreconditionFailed or Conflict || (failure.Status == NotFound && failure.ErrorCode != BlobErrorCode.ContainerNotFound);
}
