using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace KgOrleans.Grains.Requests;

/// <summary>
/// Finds a request's record wherever it was answered: here, or by asking every other silo at once. An id says nothing about its silo, and look-ups are rare: a person asks, where requests come by the hundred a second.
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
            // Each silo's grain is activated on that silo, and found there from then on.
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} did not answer a look-up of a request")]
    private partial void LogSiloSilent(Exception e, SiloAddress silo);
}
