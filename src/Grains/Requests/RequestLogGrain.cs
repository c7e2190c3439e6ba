using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Requests;

/// <summary>
/// Lets other silos read a silo's <see cref="RequestLog"/>. When that silo has left, the activation lands elsewhere, finds nothing and deactivates.
/// </summary>
public sealed class RequestLogGrain(RequestLog log, ILocalSiloDetails silo) : Grain, IRequestLogGrain
{
    /// <inheritdoc />
    public Task<RequestRecord?> Find(string requestId)
    {
        if (this.GetPrimaryKeyString() == silo.SiloAddress.ToParsableString())
            return Task.FromResult(log.Find(requestId));
        DeactivateOnIdle();
        return Task.FromResult<RequestRecord?>(null);
    }

    /// <inheritdoc />
    public Task<RequestLogView> GetState() => Task.FromResult(log.Describe(silo.SiloAddress.ToString()));
}
