namespace KgOrleans.Api.Lanes;

/// <summary>The lane of an endpoint, and the registration of all lanes.</summary>
internal static class LaneExtensions
{
    public static void AddKgLanes(this IServiceCollection services)
    {
        services.AddSingleton<LaneLimits>();
        services.AddSingleton<UploadTurns>();
        services.AddSingleton<Draining>();
    }

    /// <summary>Puts an endpoint into a lane. Without it, GET is <see cref="Lane.Reads"/> and every other method <see cref="Lane.Writes"/>.</summary>
    public static T InLane<T>(this T endpoint, Lane lane)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new LaneMetadata(lane));

    /// <summary>The same for an endpoint that is being built.</summary>
    public static void InLane(this EndpointBuilder endpoint, Lane lane) => endpoint.Metadata.Add(new LaneMetadata(lane));

    /// <summary>The lane of an endpoint.</summary>
    public static Lane LaneOf(Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<LaneMetadata>() is { } named)
            return named.Lane;
        // Answers to unknown routes, methods and media types cost nothing.
        if (endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not { } methods)
            return Lane.Free;
        return methods.HttpMethods.Any(HttpMethods.IsGet) ? Lane.Reads : Lane.Writes;
    }

    private sealed record LaneMetadata(Lane Lane);
}
