using KgOrleans.Api.Documents;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Items;

/// <summary><c>/v1/items</c>.</summary>
internal static class ItemEndpoints
{
    private static readonly DocumentTexts Texts = new()
    {
        Route = "/v1/items",
        IdField = "itemId",
        Tag = "Items",
        Get = new("getItem", "An item as last written", "The ETag header is the version."),
        Put = new(
            "putItem", "Writes or replaces an item",
            "Honours If-Match; with If-None-Match: * it only creates. After a 200 or 201 the write is durable, and every later request sees it."),
        Patch = new("patchItem", "Changes members of an item", "JSON merge patch (RFC 7396): a value replaces, null removes. Honours If-Match."),
        Delete = new("deleteItem", "Deletes an item", "No answer contains it afterwards. Honours If-Match."),
        Upload = new(
            "uploadItems", "Writes many items",
            $"A JSON array of at most {Limits.DocumentBytes >> 20} MB, or NDJSON of any length (one item per line, at most as large), which is streamed. " +
            "An invalid item is rejected; the others are written. Two writes of one item keep their order."),
        Example =
            """{"itemId":"w00042","creatorId":"c0007","songId":"s0100","kind":"video","title":"Moonlight","tags":["ballad"]""" +
            ""","region":"GD","durationSeconds":184,"publishedAt":"2026-01-31T12:00:00Z","quality":0.8}""",
        PatchExample = """{"title":"Moonlight (live)","hidden":true}""",
    };

    public static void MapItems(this IEndpointRouteBuilder routes) => new DocumentEndpoints<ItemDocument, ItemDocument, ItemStore>(Texts).Map(routes);
}
