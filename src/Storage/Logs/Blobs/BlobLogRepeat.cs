namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>What it means for the caller when a request to the blob service has no answer.</summary>
internal enum BlobLogRepeat
{
    /// <summary>Nothing: the request may be made again later.</summary>
    Harmless,

    /// <summary>It is unknown whether the request was carried out, and the caller cannot go on like that.</summary>
    Uncertain,

    /// <summary>The request asks what an uncertain one did: without an answer that stays unknown.</summary>
    Resolving,
}
