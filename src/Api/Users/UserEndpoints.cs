using System.Text.Json;
using KgOrleans.Api.Bulk;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Api.Users;

/// <summary><c>/v1/users</c>.</summary>
internal static class UserEndpoints
{
    private const string Route = "/v1/users/{userId}";
    private const string UserExample = """{"userId":"u0001","region":"GD","language":"yue","interests":{"tags":{"ballad":2}},"follows":["c0007"],"friends":["u0002"]}""";

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, Get).RequireAuthorization(ApiRoles.Read).WithTags("Users").WithName("getUser")
            .WithSummary("Profile, history and a preview of the user vector").WithDescription("The ETag header is the version.")
            .Produces<UserAnswer>().Produces(304).ProducesProblems(400, 404, 503);
        routes.MapPut(Route, Put).RequireAuthorization(ApiRoles.Write).WithTags("Users").WithName("putUser")
            .WithSummary("Writes or replaces a profile").WithDescription("Honours If-Match. History and learnt interests stay.")
            .Accepts<UserDocument>(MediaTypes.Json).WithExample(UserExample)
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 412, 413, 415, 503);
        routes.MapPatch(Route, Patch).RequireAuthorization(ApiRoles.Write).WithTags("Users").WithName("patchUser")
            .WithSummary("Merges into a profile").WithDescription("RFC 7396: members replace, null removes. Honours If-Match.")
            .Accepts<UserDocument>(MediaTypes.MergePatch, MediaTypes.Json)
            .WithExample("""{"region":"SH","interests":{"tags":{"ballad":null}}}""", MediaTypes.MergePatch)
            .Produces<Written>().ProducesProblems(400, 404, 412, 413, 415, 503);
        routes.MapDelete(Route, Delete).RequireAuthorization(ApiRoles.Write).WithTags("Users").WithName("eraseUser")
            .WithSummary("Erases a user").WithDescription("Profile, history, seen works and vector. Honours If-Match.")
            .Produces(204).ProducesProblems(400, 404, 412, 503);
        routes.MapPost("/v1/users", Upload).RequireAuthorization(ApiRoles.Write).WithTags("Users").WithName("uploadUsers")
            .WithSummary("Writes many profiles")
            .WithDescription("A JSON array of at most 1 MB, or NDJSON (a profile a line, lines of at most 64 KB) of any length, streamed. A bad profile is rejected alone. Two writes of one user keep their order.")
            .Accepts<UserDocument[]>(MediaTypes.Json, MediaTypes.Ndjson).WithExample($"[{UserExample}]").WithExample(UserExample + "\n", MediaTypes.Ndjson)
            .Produces<BulkAnswer>().ProducesProblems(400, 413, 415, 503)
            .DisableRequestTimeout();
    }

    private static async Task<IResult> Get(string userId, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("userId", userId) is { } problem)
            return problem;
        try
        {
            if (await grains.GetGrain<IUserGrain>(userId).GetDetails(http.RequestAborted) is not { } user)
                return WriteAnswers.NotFound(userId);
            // The tag is the profile's, for If-Match; the answer also holds the history, which moves with every event, so that it is never "not modified".
            http.Response.Headers.ETag = VersionConditions.ETag(user.Version);
            return TypedResults.Ok(Answer(userId, user));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The user did not answer in time.");
        }
    }

    private static UserAnswer Answer(string userId, UserDetails user) => new(
        userId,
        user.ProfileJson is { } profile ? JsonSerializer.Deserialize<UserDocument>(profile, KgJson.Options) : null,
        JsonElement.Parse(user.HistoryJson),
        user.Version,
        user.SeenCount,
        user.SpaceId is { } space ? new UserVectorPreview(space, user.Vector) : null);

    private static async Task<IResult> Put(string userId, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("userId", userId) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, MediaTypes.Json);
        if (body.Problem is not null)
            return body.Problem;
        if (!InputJson.TryRead<UserDocument>(body.Utf8.Span, "", InputJson.Options, out var user, out var error))
            return Problem.Invalid([error]);
        if (DocumentInput.CheckSameId("userId", userId, user.UserId) is { } otherId)
            return otherId;
        user = user with { UserId = userId };
        var errors = UserValidator.Validate(user);
        return errors.Count > 0 ? Problem.Invalid(errors) : await Write(http, grains, WriteOperation.Put, userId, JsonSerializer.SerializeToUtf8Bytes(user, KgJson.Options));
    }

    private static async Task<IResult> Patch(string userId, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("userId", userId) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, MediaTypes.MergePatch, MediaTypes.Json);
        return body.Problem
            ?? DocumentInput.CheckPatch<UserDocument>(body.Utf8, "userId", userId)
            ?? await Write(http, grains, WriteOperation.Patch, userId, body.Utf8.ToArray());
    }

    private static async Task<IResult> Delete(string userId, HttpContext http, IGrainFactory grains) =>
        DocumentInput.CheckId("userId", userId) ?? await Write(http, grains, WriteOperation.Delete, userId, []);

    private static Task<IResult> Upload(HttpContext http, IGrainFactory grains, ApiInstruments instruments) => BulkReader.RunAsync(http, new UserBulk(grains), instruments);

    private static async Task<IResult> Write(HttpContext http, IGrainFactory grains, WriteOperation operation, string userId, byte[] json)
    {
        var user = grains.GetGrain<IUserGrain>(userId);
        try
        {
            var (ifMatch, problem) = await VersionConditions.ResolveAsync(http, async () => (await user.GetDetails(http.RequestAborted))?.Version);
            return problem ?? WriteAnswers.From(http, userId, operation, await user.WriteProfile(new ProfileCommand(operation, json, ifMatch), http.RequestAborted));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The user did not answer in time; whether the write was done is not known.");
        }
    }
}
