namespace KgOrleans.Api.Lanes;

/// <summary>Cuts requests that outlast <see cref="Draining.Patience"/> when the process ends: a caller that reads slowly, or a stream, must not keep it.</summary>
internal sealed class DrainGate(RequestDelegate next, Draining draining)
{
    public async Task InvokeAsync(HttpContext http)
    {
        await using var cut = draining.Over.UnsafeRegister(static context => ((HttpContext)context!).Abort(), http);
        await next(http);
    }
}
