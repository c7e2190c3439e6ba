using Microsoft.AspNetCore.Http.Metadata;

namespace KgOrleans.Api.Lanes;

/// <summary>
/// Lets a request into its lane. No place is held while the network is waited for: endpoints that take a body enter when it is read
/// (<see cref="Json.JsonBody"/>), and a place is free again when the answer starts.
/// </summary>
internal sealed class LaneGate(RequestDelegate next, LaneLimits limits)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not { } endpoint || LaneExtensions.LaneOf(endpoint) is var lane && limits.Of(lane) is not { } limiter)
        {
            await next(http);
            return;
        }
        var pass = new LanePass(limiter);
        if (lane != Lane.Streams)
            http.Response.OnStarting(static state => Leave((LanePass)state), pass);
        try
        {
            if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)
                http.Features.Set(pass);
            else if (await pass.EnterAsync(http.RequestAborted) is { } full)
            {
                await full.ExecuteAsync(http);
                return;
            }
            await next(http);
        }
        finally
        {
            pass.Leave();
        }
    }

    private static Task Leave(LanePass pass)
    {
        pass.Leave();
        return Task.CompletedTask;
    }
}
