namespace KgOrleans.Api.Lanes;

/// <summary>What a request waits with. Requests of one lane never take the places of another.</summary>
internal enum Lane
{
    /// <summary>Waits for nothing: probes, metrics, documentation, and bulk uploads, whose batches wait instead (<see cref="UploadTurns"/>).</summary>
    Free,

    /// <summary>Pages and everything else that only reads.</summary>
    Reads,

    /// <summary>Events and writes of single documents, which wait for stores.</summary>
    Writes,

    /// <summary>Pages and figures of the dashboard.</summary>
    Dashboard,

    /// <summary>Parts of exports, which read a good deal.</summary>
    Exports,

    /// <summary>Answers without an end: the place is held until the caller leaves.</summary>
    Streams,
}
