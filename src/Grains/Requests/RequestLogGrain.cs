using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Requests;

/// <summary>Opens a silo's <see cref="RequestLog"/> to the others. An activation that landed elsewhere, because its silo has left, has nothing to say and goes.</summary>
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
