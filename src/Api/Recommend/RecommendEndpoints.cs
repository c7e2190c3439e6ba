using KgOrleans.Api.Documents;
using KgOrleans.Api.Export;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Recommend;

/// <summary><c>POST /v1/recommend</c>.</summary>
internal static class RecommendEndpoints
{
    public static void AddKgRecommend(this IServiceCollection services)
    {
        services.AddOptions<PageTokenOptions>().BindConfiguration("Kg:PageTokens");
        services.AddSingleton(provider => new PageTokens(KeyOf(provider)));
        services.AddSingleton(provider => new ExportCursors(KeyOf(provider)));
    }

    private static byte[] KeyOf(IServiceProvider provider) => PageTokenKey.Load(
        provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<PageTokenOptions>>().Value, provider.GetRequiredService<CatalogueShape>().DataPath);

    public static void MapRecommend(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/recommend", Recommend)
            .RequireAuthorization(ApiRoles.Read)
            .InLane(Lane.Reads)
            .WithTags("Recommend")
            .WithName("recommend")
            .WithSummary("A page of items for one user")
            .WithDescription(
                "Runs the funnel of a scene for a user. Pass nextPageToken back as pageToken for the next page. "
                + "A page that falls short of a full one is a 200; degraded says how. experiments is always empty: there are no experiments yet.")
            .Accepts<RecommendRequest>(MediaTypes.Json)
            .WithExample("""{"userId":"u0001","scene":"feed","pageSize":10,"explain":true,"filter":{"all":[{"field":"kind","in":["video","audio"]}]}}""")
            .Produces<RecommendAnswer>()
            .ProducesProblems(400, 404, 413, 415, 503);

    private static async Task<IResult> Recommend(HttpContext http, IGrainFactory grains, PageTokens tokens, TimeProvider time)
    {
        using var body = await JsonBody.ReadAsync(http, MediaTypes.Json);
        if (body.Problem is not null)
            return body.Problem;
        var now = time.GetUtcNow();
        var errors = InputJson.Read<RecommendRequest>(body.Utf8.Span, sent => RecommendValidator.Validate(sent, now), out var request);
        if (request is null)
            return Problem.Invalid(errors);
        byte[]? page = null;
        if (request.PageToken is not null && tokens.Verify(request.PageToken, request.UserId, request.Scene, request.Now ?? now, out page) is { } refusal)
            return Problem.Invalid("pageToken", "invalidPageToken", refusal);
        try
        {
            var reply = await grains.GetGrain<ICoordinatorGrain>(0).Recommend(Command(request, page, now), http.RequestAborted);
            return Answer(reply, request, tokens);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("No coordinator answered in time.");
        }
    }

    private static RecommendCommand Command(RecommendRequest request, byte[]? page, DateTimeOffset now) => new()
    {
        RequestId = RequestIds.Next(now),
        UserId = request.UserId,
        Scene = request.Scene,
        PageSize = request.PageSize ?? RecommendValidator.DefaultPageSize,
        PageState = page,
        Exclude = request.Exclude is null ? [] : [.. request.Exclude],
        Filter = RecommendValidator.Bytes(request.Filter),
        Context = RecommendValidator.ContextOf(request.Context),
        Labels = request.Labels is null ? [] : new(request.Labels),
        Explain = request.Explain,
        TimeoutMs = request.TimeoutMs,
        DryRun = request.DryRun,
        Seed = request.Seed,
        Now = request.Now?.ToUnixTimeMilliseconds(),
    };

    private static IResult Answer(RecommendReply reply, RecommendRequest request, PageTokens tokens) => reply.Status switch
    {
        RecommendStatus.Ok => TypedResults.Ok(reply.Answer! with { NextPageToken = reply.NextPage is { } next ? tokens.Sign(next) : null }),
        RecommendStatus.UnknownScene => Problem.OfField(StatusCodes.Status404NotFound, "scene", "unknownScene", $"there is no scene {request.Scene}"),
        RecommendStatus.Invalid => Problem.Invalid(reply.Errors),
        RecommendStatus.InvalidPage => Problem.Invalid("pageToken", "invalidPageToken", reply.Detail ?? "cannot be continued"),
        _ => Problem.Unavailable(reply.Detail ?? "No page can be served now."),
    };
}
