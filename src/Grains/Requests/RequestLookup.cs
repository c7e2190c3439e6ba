using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace KgOrleans.Grains.Requests;

/// <summary>
/// Finds a request's record on this silo, or asks all others at once: an id does not tell its silo. Look-ups are rare, since people make them.
/// </summary>
public sealed partial class RequestLookup(RequestLog log, IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails silo, ILogger<RequestLookup> logger)
{
    /// <summary>The record; null when no silo that answers has it.</summary>
    public async Task<RequestRecord?> FindAsync(string requestId)
    {
        if (log.Find(requestId) is { } here)
            return here;
        var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(s => !s.Equals(silo.SiloAddress)).ToArray();
        var answers = await Task.WhenAll(others.Select(other => AskAsync(other, requestId)));
        return Array.Find(answers, a => a is not null);
    }

    private async Task<RequestRecord?> AskAsync(SiloAddress other, string requestId)
    {
        try
        {
            // The hint activates each silo's grain on that silo; later calls find it there.
            RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
            return await grains.GetGrain<IRequestLogGrain>(other.ToParsableString()).Find(requestId);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            LogSiloSilent(e, other);
            return null;
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} did not answer when asked for a request's record; it is skipped")]
    private partial void LogSiloSilent(Exception e, SiloAddress silo);
}
