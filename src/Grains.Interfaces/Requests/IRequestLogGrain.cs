using Orleans.Concurrency;

namespace KgOrleans.Grains.Interfaces;

/// <summary>The request records of one silo, by the silo's address: how other silos reach what only that one has in memory.</summary>
[Alias("kg.IRequestLogGrain")]
public interface IRequestLogGrain : IGrainWithStringKey
{
    /// <summary>A record; null when the silo has none of that id.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:02")]
    [Alias("Find")]
    Task<RequestRecord?> Find(string requestId);

    /// <summary>What the Dashboard shows.</summary>
    [AlwaysInterleave]
    [Alias("GetState")]
    Task<RequestLogView> GetState();
}
