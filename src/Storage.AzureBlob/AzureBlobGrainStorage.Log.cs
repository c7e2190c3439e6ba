using Microsoft.Extensions.Logging;

namespace Orleans.Storage;

public partial class AzureBlobGrainStorage
{
    [LoggerMessage(1, LogLevel.Information, "Grain storage {Name} is open on container {Container} at {Host} after {Milliseconds:0} ms.")]
    private partial void LogOpened(string name, string container, string host, double milliseconds);

    [LoggerMessage(2, LogLevel.Trace, "Read state {StateName} of {GrainId}: ETag {ETag}, {Bytes} bytes.")]
    private partial void LogRead(string stateName, GrainId grainId, string etag, long bytes);

    [LoggerMessage(3, LogLevel.Trace, "Done: {Operation} of state {StateName} of {GrainId}, now ETag {ETag}.")]
    private partial void LogChanged(string operation, string stateName, GrainId grainId, string? etag);

    [LoggerMessage(4, LogLevel.Warning, "Conflict in the {Operation} of state {StateName} of {GrainId}: blob {Blob} in {Container} is not at ETag {ETag} ({ErrorCode}).")]
    private partial void LogConflict(string operation, string stateName, GrainId grainId, string blob, string container, string? etag, string? errorCode);

    [LoggerMessage(5, LogLevel.Error, "Failed: {Operation} of state {StateName} of {GrainId}, blob {Blob} in {Container}, ETag {ETag}.")]
    private partial void LogFailed(Exception exception, string operation, string stateName, GrainId grainId, string blob, string container, string? etag);

    [LoggerMessage(6, LogLevel.Warning, "Container {Container} was deleted: state {StateName} of {GrainId} reads as new.")]
    private partial void LogNoContainer(string container, string stateName, GrainId grainId);

    [LoggerMessage(7, LogLevel.Warning, "Container {Container} was deleted: making it anew.")]
    private partial void LogCreatingContainer(string container);
}
