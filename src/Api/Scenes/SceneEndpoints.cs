using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Json;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Api.Scenes;

/// <summary>Reads of <c>/v1/scenes</c>; writes in <see cref="SceneWrites"/>.</summary>
internal static class SceneEndpoints
{
    private const string Route = "/v1/scenes/{scene}";
    private const string Example =
        """{"description":"Videos that are new","discovery":{"kinds":["video"],"ageWindowDays":7,"coldStart":{"impressions":200}}""" +
        ""","recall":{"fresh":{"quota":1000,"minKeep":100}}""" +
        ""","reRank":{"theta":0.6,"rules":[{"field":"creatorId","max":1,"in":5}],"shares":[{"channel":"fresh","min":3,"in":10}]}}""";

    // A version that was written by other software may have members that this one does not know; they are shown no more, and change nothing.
    private static readonly JsonSerializerOptions Lenient = new(KgJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    private static readonly Lazy<string> Schema = new(() => SceneSchema.Create().ToJsonString(KgJson.Options));

    public static void MapScenes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/scenes", List).RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("listScenes")
            .WithSummary("All scenes with their pipelines").WithDescription("The newest version of each, defaults written out.")
            .Produces<ScenesAnswer>().ProducesProblems(503);
        routes.MapGet("/v1/scenes/schema", () => TypedResults.Text(Schema.Value, SceneSchema.MediaType))
            .RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("getSceneSchema")
            .WithSummary("The JSON schema of scene documents")
            .WithDescription("Draft 2020-12, with descriptions and ranges. Only the server checks rules between members: PUT with validateOnly=true.")
            .Produces<JsonElement>(200, SceneSchema.MediaType);
        routes.MapGet(Route, (string scene, HttpContext http, IGrainFactory grains) => Get(scene, null, http, grains))
            .RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("getScene")
            .WithSummary("The pipeline of a scene").WithDescription("The ETag header is the version.")
            .Produces<SceneAnswer>().Produces(304).ProducesProblems(400, 404, 503);
        routes.MapPut(Route, SceneWrites.Put).RequireAuthorization(ApiRoles.Write).WithTags("Scenes").WithName("putScene")
            .WithSummary("Writes the next version of a scene")
            .WithDescription("Honours If-Match; with If-None-Match: * it only creates. Absent members get their defaults. The answer names every problem of the document. "
                + "After a 200 or 201 the version is durable, and later requests use it. "
                + "Writing the current content again changes nothing. With validateOnly=true nothing is written. "
                + $"There are at most {SceneLimits.Scenes} scenes; of each the newest {SceneLimits.Versions} versions are kept, "
                + $"fewer when they have more than {SceneLimits.VersionBytes >> 10} KB together.")
            .Accepts<SceneDocument>(MediaTypes.Json).WithExample(Example)
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 409, 412, 413, 415, 503);
        routes.MapDelete(Route, SceneWrites.Delete).RequireAuthorization(ApiRoles.Write).WithTags("Scenes").WithName("deleteScene")
            .WithSummary("Deletes a scene with its versions")
            .WithDescription("Honours If-Match. Built-in scenes cannot be deleted; their version 1 can be restored.")
            .Produces(204).ProducesProblems(400, 404, 409, 412, 503);
        routes.MapGet(Route + "/versions", Versions).RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("listSceneVersions")
            .WithSummary("Versions of a scene")
            .WithDescription($"The newest {SceneLimits.Versions} at most, newest first; version 1 of a built-in scene is always there.")
            .Produces<SceneVersionsAnswer>().ProducesProblems(400, 404, 503);
        routes.MapGet(
                Route + "/versions/{version}",
                (string scene, string version, HttpContext http, IGrainFactory grains) => Get(scene, version, http, grains))
            .RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("getSceneVersion")
            .WithSummary("A scene in one of its versions").WithDescription("The ETag header is that version.")
            .Produces<SceneAnswer>().Produces(304).ProducesProblems(400, 404, 503);
        routes.MapPost(Route + "/versions/{version}/restore", SceneWrites.Restore)
            .RequireAuthorization(ApiRoles.Write).WithTags("Scenes").WithName("restoreSceneVersion")
            .WithSummary("Makes the content of an older version the next version")
            .WithDescription("Honours If-Match, which names the newest version. The content must be valid now.")
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 404, 409, 412, 415, 503);
    }

    private static async Task<IResult> List(HttpContext http, IGrainFactory grains)
    {
        try
        {
            var set = await Registry(grains).GetCurrent(-1);
            return TypedResults.Ok(new ScenesAnswer([.. set!.Scenes.Select(Answer)]));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Silent();
        }
    }

    private static async Task<IResult> Get(string scene, string? version, HttpContext http, IGrainFactory grains)
    {
        var number = 0;
        if ((DocumentInput.CheckId("scene", scene) ?? CheckVersion(version, out number)) is { } problem)
            return problem;
        try
        {
            if (await Registry(grains).GetVersion(scene, version is null ? null : number) is not { } found)
                return version is null
                    ? Unknown()
                    : Problem.OfField(StatusCodes.Status404NotFound, "version", "unknownVersion", "the scene has no such version, or no longer keeps it");
            http.Response.Headers.ETag = VersionConditions.ETag(found.Version.Version);
            return VersionConditions.NotModified(http, found.Version.Version)
                ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                : TypedResults.Ok(Answer(found));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Silent();
        }
    }

    private static async Task<IResult> Versions(string scene, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("scene", scene) is { } problem)
            return problem;
        try
        {
            return await Registry(grains).GetVersions(scene) is { } versions
                ? TypedResults.Ok(new SceneVersionsAnswer(
                    scene, [.. versions.Select(v => new SceneVersionAnswer(v.Version, v.BuiltIn, WrittenAt(v), v.RestoredFrom))]))
                : Unknown();
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Silent();
        }
    }

    /// <summary>The problem of a version in a path; null for a good one, or none.</summary>
    public static Problem? CheckVersion(string? version, out int number)
    {
        number = 0;
        return version is null || (int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0)
            ? null
            : Problem.Invalid("version", "outOfRange", "must be a version number, from 1");
    }

    /// <summary>The registry.</summary>
    public static ISceneRegistryGrain Registry(IGrainFactory grains) => grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key);

    /// <summary>The document of a stored scene.</summary>
    public static SceneDocument DocumentOf(StoredScene stored) => JsonSerializer.Deserialize<SceneDocument>(stored.Json, Lenient)!;

    private static SceneAnswer Answer(StoredScene stored) => new(
        stored.Scene, stored.Version.Version, stored.Version.BuiltIn, WrittenAt(stored.Version), stored.Version.RestoredFrom, DocumentOf(stored));

    private static DateTimeOffset? WrittenAt(SceneVersion version) => version.BuiltIn ? null : DateTimeOffset.FromUnixTimeMilliseconds(version.WrittenAt);

    /// <summary>The answer to a name that no scene has.</summary>
    public static Problem Unknown() => Problem.OfField(StatusCodes.Status404NotFound, "scene", "unknownScene", "there is no such scene");

    /// <summary>The answer while the registry is silent.</summary>
    public static Problem Silent() => Problem.Unavailable("The scenes did not answer in time.");
}
