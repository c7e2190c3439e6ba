using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Configuration;

/// <summary>Configuration section <c>Kg</c> of a silo.</summary>
public sealed class KgOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Kg";

    /// <summary>Where durable data lives.</summary>
    public DataOptions Data { get; set; } = new();

    /// <summary>How the catalogue is cut.</summary>
    public ShardOptions Shards { get; set; } = new();

    /// <summary>What catalogue this is.</summary>
    public CatalogueOptions Catalogue { get; set; } = new();

    /// <summary>Which model serves.</summary>
    public ModelOptions Model { get; set; } = new();

    /// <summary>CPU work outside of grain turns.</summary>
    public ScoringOptions Scoring { get; set; } = new();

    /// <summary>How users' state is written.</summary>
    public UserStateOptions UserState { get; set; } = new();

    /// <summary>Which requests are remembered.</summary>
    public RequestLogOptions Requests { get; set; } = new();

    /// <summary>Everything that is wrong, each with the name of its setting; empty when the process may start.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(Data.Path))
            errors.Add("Kg:Data:Path is empty, it must name a directory");
        if (Shards.Count is < 1 or > Key64.BucketCount)
            errors.Add($"Kg:Shards:Count is {Shards.Count}, it must be 1..{Key64.BucketCount}");
        if (!Limits.IsId(Catalogue.WorldId))
            errors.Add($"Kg:Catalogue:WorldId is '{Catalogue.WorldId}', it must be 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -");
        if (Catalogue.ContentDimension is < 1 or > Limits.VectorLength)
            errors.Add($"Kg:Catalogue:ContentDimension is {Catalogue.ContentDimension}, it must be 1..{Limits.VectorLength}");
        if (Scoring.Threads is < 0 or > 1024)
            errors.Add($"Kg:Scoring:Threads is {Scoring.Threads}, it must be 0 (one a core) or 1..1024");
        if (Scoring.QueueLength is < 1 or > 1_000_000)
            errors.Add($"Kg:Scoring:QueueLength is {Scoring.QueueLength}, it must be 1..1000000");
        if (UserState.WriteTimeoutMs is < 100 or > 60_000)
            errors.Add($"Kg:UserState:WriteTimeoutMs is {UserState.WriteTimeoutMs}, it must be 100..60000");
        if (UserState.QueueLength is < 1 or > 100_000)
            errors.Add($"Kg:UserState:QueueLength is {UserState.QueueLength}, it must be 1..100000");
        if (Requests.Capacity is < 0 or > 1_000_000)
            errors.Add($"Kg:Requests:Capacity is {Requests.Capacity}, it must be 0..1000000");
        if (Requests.Minutes is < 1 or > 1_440)
            errors.Add($"Kg:Requests:Minutes is {Requests.Minutes}, it must be 1..1440");
        if (Requests.MaxMegabytes is < 1 or > 16_384)
            errors.Add($"Kg:Requests:MaxMegabytes is {Requests.MaxMegabytes}, it must be 1..16384");
        return errors;
    }
}

/// <summary>Where durable data lives.</summary>
public sealed class DataOptions
{
    /// <summary>Directory of logs and state; taken exclusively by one process.</summary>
    public string Path { get; set; } = "data";
}

/// <summary>How the catalogue is cut.</summary>
public sealed class ShardOptions
{
    /// <summary>Default of <see cref="Count"/>: shards of some thousands to a million works on one to eight silos.</summary>
    public const int DefaultCount = 8;

    /// <summary>Number of item shards, 1..256. Fixed once the store has items: the logs are cut by it.</summary>
    public int Count { get; set; } = DefaultCount;
}

/// <summary>What catalogue this is.</summary>
public sealed class CatalogueOptions
{
    /// <summary>Default of <see cref="WorldId"/>.</summary>
    public const string DefaultWorldId = "main";

    /// <summary>Default of <see cref="ContentDimension"/>: what the demo bundle was trained with.</summary>
    public const int DefaultContentDimension = 32;

    /// <summary>Id of the cluster's own catalogue: documents without a <c>worldId</c> belong to it, and a model bundle must have been trained for it.</summary>
    public string WorldId { get; set; } = DefaultWorldId;

    /// <summary>Components of the item vector named <c>content</c>. Must agree with the model bundle.</summary>
    public int ContentDimension { get; set; } = DefaultContentDimension;
}

/// <summary>Which model serves.</summary>
public sealed class ModelOptions
{
    /// <summary>Folder of the model bundle; empty serves without models: index and hot recall, no ranking model, and every answer says so.</summary>
    public string Path { get; set; } = "";
}

/// <summary>CPU work outside of grain turns.</summary>
public sealed class ScoringOptions
{
    /// <summary>Default of <see cref="QueueLength"/>: at a millisecond a job, a second of work; longer queues only serve answers that nobody waits for.</summary>
    public const int DefaultQueueLength = 1024;

    /// <summary>Threads of the silo's scoring pool; 0 means one a core.</summary>
    public int Threads { get; set; }

    /// <summary>Jobs that may wait; a job beyond that is refused: a page is then served without what it was for, or answered 503.</summary>
    public int QueueLength { get; set; } = DefaultQueueLength;
}

/// <summary>How users' state is written.</summary>
public sealed class UserStateOptions
{
    /// <summary>Default of <see cref="WriteTimeoutMs"/>: several times what a healthy store takes at its worst, and shorter than the patience of those who send events.</summary>
    public const int DefaultWriteTimeoutMs = 5_000;

    /// <summary>Default of <see cref="QueueLength"/>: a user's own calls are a few at once; a backfill of one user's events sends more.</summary>
    public const int DefaultQueueLength = 256;

    /// <summary>Milliseconds after which a write of a user is answered as not recorded, to be sent again. It may still end well: sending it again is harmless.</summary>
    public int WriteTimeoutMs { get; set; } = DefaultWriteTimeoutMs;

    /// <summary>Calls that may wait for one user's write; a call beyond that is answered as not recorded at once.</summary>
    public int QueueLength { get; set; } = DefaultQueueLength;
}

/// <summary>Which requests a silo remembers for <c>GET /v1/requests/{requestId}</c>: the newest, within all three bounds.</summary>
public sealed class RequestLogOptions
{
    /// <summary>Default of <see cref="Capacity"/>: half a minute of the busiest silo, an afternoon of somebody who tries things out.</summary>
    public const int DefaultCapacity = 10_000;

    /// <summary>Default of <see cref="Minutes"/>: as long as a chain of pages can be continued.</summary>
    public const int DefaultMinutes = 30;

    /// <summary>Default of <see cref="MaxMegabytes"/>: about 8,000 pages of ten works.</summary>
    public const int DefaultMaxMegabytes = 128;

    /// <summary>Most requests; 0 remembers none.</summary>
    public int Capacity { get; set; } = DefaultCapacity;

    /// <summary>Minutes after which a request is forgotten.</summary>
    public int Minutes { get; set; } = DefaultMinutes;

    /// <summary>Most memory, estimated from the works of the pages.</summary>
    public int MaxMegabytes { get; set; } = DefaultMaxMegabytes;
}
