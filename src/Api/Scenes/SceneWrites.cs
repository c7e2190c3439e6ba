using System.ComponentModel;
using System.Text;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Api.Scenes;

/// <summary>Writes of <c>/v1/scenes</c>.</summary>
internal static class SceneWrites
{
    public static async Task<IResult> Put(
        string scene, [Description("With true, the document is checked and nothing is written.")] string? validateOnly, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("scene", scene) is { } badId)
            return badId;
        if (validateOnly is not (null or "true" or "false"))
            return Problem.Invalid("validateOnly", "wrongType", "must be true or false");
        using var body = await JsonBody.ReadAsync(http, MediaTypes.Json);
        if (body.Problem is not null)
            return body.Problem;
        if (JsonBody.TryParse(body.Utf8, out var document) is { } broken)
            return broken;
        var checks = new FieldChecks();
        byte[] fitted;
        using (document)
        {
            if (JsonShape.Fit<SceneDocument>(document.RootElement, InputJson.PatchOptions, checks) is not { } rest)
                return Problem.Invalid(checks.Errors);
            fitted = Encoding.UTF8.GetBytes(rest.ToJsonString(KgJson.Options));
        }
        // What does not fit keeps the document from being written; the rest of it is checked all the same, so that every problem is known at once.
        var validate = validateOnly == "true" || checks.Errors.Count > 0;
        var command = new SceneCommand { Operation = SceneOperation.Put, Scene = scene, Json = fitted, ValidateOnly = validate };
        return await Write(http, grains, command, checks.Errors);
    }

    public static async Task<IResult> Delete(string scene, HttpContext http, IGrainFactory grains) =>
        DocumentInput.CheckId("scene", scene) ?? await Write(http, grains, new SceneCommand { Operation = SceneOperation.Delete, Scene = scene }, []);

    public static async Task<IResult> Restore(string scene, string version, HttpContext http, IGrainFactory grains)
    {
        var number = 0;
        return (DocumentInput.CheckId("scene", scene) ?? SceneEndpoints.CheckVersion(version, out number)) is { } problem
            ? problem
            : await Write(http, grains, new SceneCommand { Operation = SceneOperation.Restore, Scene = scene, Version = number }, []);
    }

    private static async Task<IResult> Write(HttpContext http, IGrainFactory grains, SceneCommand command, IReadOnlyList<FieldError> misfits)
    {
        var registry = SceneEndpoints.Registry(grains);
        try
        {
            var (ifMatch, problem) = await VersionConditions.ResolveAsync(http, async () => (await registry.GetVersion(command.Scene, null))?.Version.Version);
            if (problem is not null)
                return problem;
            return Answer(http, command, await registry.Write(command with { IfMatch = ifMatch }, http.RequestAborted), misfits);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The scenes did not answer in time. The write may or may not have been done.");
        }
    }

    private static IResult Answer(HttpContext http, SceneCommand command, WriteResult result, IReadOnlyList<FieldError> misfits)
    {
        if (misfits.Count > 0)
        {
            var errors = result.Status == WriteStatus.Invalid ? result.Errors.Select(e => new FieldError(e.Field, e.Code, e.Message)) : [];
            return Problem.Invalid([.. misfits, .. errors]);
        }
        if (result.Status is WriteStatus.NotFound or WriteStatus.Conflict)
        {
            var status = result.Status == WriteStatus.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict;
            return Problem.OfField(status, result.Errors[0].Field, result.Errors[0].Code, result.Errors[0].Message);
        }
        if (command.ValidateOnly && result.Succeeded)
            return TypedResults.Ok(new SceneValidAnswer(command.Scene, Valid: true, result.Version));
        return WriteAnswers.From(http, command.Scene, command.Operation == SceneOperation.Delete ? WriteOperation.Delete : WriteOperation.Put, result);
    }
}
