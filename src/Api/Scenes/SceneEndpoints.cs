using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Api.Scenes;

/// <summary>A scene's pipeline and its version.</summary>
/// <param name="Scene">Name.</param>
/// <param name="Version">Version, from 1.</param>
/// <param name="Document">The pipeline.</param>
public sealed record SceneAnswer(string Scene, int Version, SceneDocument Document);

/// <summary>All scenes.</summary>
/// <param name="Scenes">Ordered by name.</param>
public sealed record ScenesAnswer(IReadOnlyList<SceneAnswer> Scenes);

/// <summary><c>/v1/scenes</c>.</summary>
internal static class SceneEndpoints
{
    public static void MapScenes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/scenes", () => new ScenesAnswer([.. BuiltInScenes.All.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => Answer(s.Value))]))
            .RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("listScenes").WithSummary("All scenes with their pipelines");
        routes.MapGet("/v1/scenes/{scene}", (string scene) => BuiltInScenes.All.TryGetValue(scene, out var found)
                ? TypedResults.Ok(Answer(found))
                : (IResult)Problem.OfField(StatusCodes.Status404NotFound, "scene", "unknownScene", "there is no such scene"))
            .RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("getScene").WithSummary("The pipeline of a scene").Produces<SceneAnswer>().ProducesProblems(404);
    }

    private static SceneAnswer Answer(EffectiveScene scene) => new(scene.Document.Scene, scene.Version, scene.Document);
}
