using KgOrleans.Api.Documents;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Api.Items;

/// <summary><c>/v1/items</c>.</summary>
internal static class ItemEndpoints
{
    private static readonly DocumentTexts Texts = new()
    {
        Route = "/v1/items",
        IdField = "itemId",
        Tag = "Items",
        Get = new("getItem", "A work as last written", "The ETag header is the version."),
        Put = new(
            "putItem", "Writes or replaces a work",
            "Honours If-Match. A 200 or 201 means that the write is durable and seen by every request started after it."),
        Patch = new("patchItem", "Merges into a work", "RFC 7396: members replace, null removes. Honours If-Match."),
        Delete = new("deleteItem", "Deletes a work", "It appears in no answer from then on. Honours If-Match."),
        Upload = new(
            "uploadItems", "Writes many works",
            "A JSON array of at most 1 MB, or NDJSON (a work a line, lines of at most 64 KB) of any length, streamed. " +
            "A bad work is rejected alone. Two writes of one work keep their order."),
        Example =
            """{"itemId":"w00042","creatorId":"c0007","songId":"s0100","kind":"video","title":"Moonlight","tags":["ballad"]""" +
            ""","region":"GD","durationSeconds":184,"publishedAt":"2026-01-31T12:00:00Z","quality":0.8}""",
        PatchExample = """{"title":"Moonlight (live)","hidden":true}""",
        PutProblems = [400, 409, 412, 413, 415, 503],
    };

    public static void MapItems(this IEndpointRouteBuilder routes) => new DocumentEndpoints<ItemDocument, ItemDocument, ItemStore>(Texts).Map(routes);
}
