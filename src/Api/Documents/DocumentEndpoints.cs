using System.Text.Json;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Documents;

/// <summary>The endpoints that every kind of document has: GET, PUT, PATCH and DELETE of one, POST of many.</summary>
/// <typeparam name="TDocument">What is written.</typeparam>
/// <typeparam name="TAnswer">What GET answers.</typeparam>
/// <typeparam name="TStore">Checks and keeps the documents; a service of the request.</typeparam>
/// <param name="texts">How the documentation describes them.</param>
internal sealed class DocumentEndpoints<TDocument, TAnswer, TStore>(DocumentTexts texts)
    where TDocument : class
    where TStore : DocumentStore<TDocument>
{
    /// <summary>Maps all five.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var one = $"{texts.Route}/{{{texts.IdField}}}";
        Describe(routes.MapGet(one, Get), texts.Get, ApiRoles.Read).WithPathId(texts.IdField)
            .Produces<TAnswer>().Produces(304).ProducesProblems(400, 404, 503);
        Describe(routes.MapPut(one, Put), texts.Put, ApiRoles.Write).WithPathId(texts.IdField)
            .Accepts<TDocument>(MediaTypes.Json).WithExample(texts.Example)
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 409, 412, 413, 415, 503);
        Describe(routes.MapPatch(one, Patch), texts.Patch, ApiRoles.Write).WithPathId(texts.IdField)
            .Accepts<TDocument>(MediaTypes.MergePatch, MediaTypes.Json).WithExample(texts.PatchExample, MediaTypes.MergePatch)
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 404, 409, 412, 413, 415, 503);
        Describe(routes.MapDelete(one, Delete), texts.Delete, ApiRoles.Write).WithPathId(texts.IdField)
            .Produces(204).ProducesProblems(400, 404, 409, 412, 503);
        Describe(routes.MapPost(texts.Route, Upload), texts.Upload, ApiRoles.Write)
            .Accepts<TDocument[]>(MediaTypes.Json, MediaTypes.Ndjson).WithExample($"[{texts.Example}]").WithExample(texts.Example + "\n", MediaTypes.Ndjson)
            .Produces<BulkAnswer>().ProducesProblems(400, 413, 415, 503)
            .InLane(Lane.Free)
            .DisableRequestTimeout();
    }

    private RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, OperationTexts operation, string role) =>
        endpoint.RequireAuthorization(role).WithTags(texts.Tag).WithName(operation.Name).WithSummary(operation.Summary).WithDescription(operation.Description);

    private async Task<IResult> Get(HttpContext http, TStore store)
    {
        var id = PathId(http);
        if (DocumentInput.CheckId(texts.IdField, id) is { } badId)
            return badId;
        try
        {
            return await store.ReadAsync(http, id) ?? WriteAnswers.NotFound(id);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable($"{store.Keeper} did not answer in time.");
        }
    }

    private async Task<IResult> Put(HttpContext http, TStore store)
    {
        var id = PathId(http);
        if (DocumentInput.CheckId(texts.IdField, id) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, Limits.DocumentBytes, MediaTypes.Json);
        if (body.Problem is not null)
            return body.Problem;
        var errors = InputJson.Read<TDocument>(
            body.Utf8.Span,
            sent => [.. DocumentInput.CheckSameId(texts.IdField, id, store.IdOf(sent)), .. store.Validate(store.WithId(sent, id))],
            out var document);
        return document is null
            ? Problem.Invalid(errors)
            : await Write(http, store, WriteOperation.Put, id, JsonSerializer.SerializeToUtf8Bytes(store.WithId(document, id), KgJson.Options));
    }

    private async Task<IResult> Patch(HttpContext http, TStore store)
    {
        var id = PathId(http);
        if (DocumentInput.CheckId(texts.IdField, id) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, Limits.DocumentBytes, MediaTypes.MergePatch, MediaTypes.Json);
        return body.Problem
            ?? DocumentInput.CheckPatch<TDocument>(body.Utf8, texts.IdField, id)
            ?? await Write(http, store, WriteOperation.Patch, id, body.Utf8.ToArray());
    }

    private async Task<IResult> Delete(HttpContext http, TStore store)
    {
        var id = PathId(http);
        return DocumentInput.CheckId(texts.IdField, id) ?? await Write(http, store, WriteOperation.Delete, id, []);
    }

    private static Task<IResult> Upload(HttpContext http, TStore store, UploadTurns turns, ApiInstruments instruments) =>
        BulkReader.RunAsync(http, store, turns, instruments);

    private static async Task<IResult> Write(HttpContext http, TStore store, WriteOperation operation, string id, byte[] json)
    {
        try
        {
            var (ifMatch, problem) = await VersionConditions.ResolveAsync(http, () => store.VersionAsync(id, http.RequestAborted));
            return problem ?? WriteAnswers.From(http, id, operation, await store.WriteAsync(operation, id, json, ifMatch, http.RequestAborted));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable($"{store.Keeper} did not answer in time. The write may or may not have been done.");
        }
    }

    // The route names the id as the document does, and no parameter of a handler of all kinds could be named so.
    private string PathId(HttpContext http) => (string)http.Request.RouteValues[texts.IdField]!;
}
