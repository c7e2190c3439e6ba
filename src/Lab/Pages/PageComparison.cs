using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Pages;

/// <summary>Compares two recordings. Numbers are equal when their doubles have the same bits; a member that is null equals one that is absent.</summary>
internal static class PageComparison
{
    /// <summary>The differences, page by page in the order of the first recording. Of items with different ids nothing but the ids is compared.</summary>
    /// <exception cref="InputException">The recordings were not asked in the same way.</exception>
    public static IEnumerable<PageDifference> Compare(PageRecording first, PageRecording second)
    {
        if ((first.Now, first.Seed, first.PageSize) != (second.Now, second.Seed, second.PageSize))
            throw new InputException("the recordings cannot be compared: --now, --seed and --page-size must be the same for both");
        return Pages(first, second);
    }

    private static IEnumerable<PageDifference> Pages(PageRecording first, PageRecording second)
    {
        var others = second.Pages.ToDictionary(Key);
        foreach (var page in first.Pages)
        {
            if (!others.Remove(Key(page), out var other))
                yield return new PageDifference(page, null, "page", "recorded", PageDifference.Absent);
            else
            {
                foreach (var difference in Page(page, other))
                    yield return difference;
            }
        }
        foreach (var page in second.Pages.Where(p => others.ContainsKey(Key(p))))
            yield return new PageDifference(page, null, "page", PageDifference.Absent, "recorded");
    }

    private static (string User, string Scene, int Page) Key(RecordedPage page) => (page.User, page.Scene, page.Page);

    private static IEnumerable<PageDifference> Page(RecordedPage first, RecordedPage second)
    {
        foreach (var (name, a, b) in ((string, object?, object?)[])[
            ("modelVersion", first.ModelVersion, second.ModelVersion), ("sceneVersion", first.SceneVersion, second.SceneVersion),
            ("hasNext", first.HasNext, second.HasNext), ("degraded", first.Degraded, second.Degraded)])
        {
            var (was, isNow) = (JsonSerializer.SerializeToElement(a, KgJson.Options), JsonSerializer.SerializeToElement(b, KgJson.Options));
            foreach (var difference in Values(first, null, name, was, isNow))
                yield return difference;
        }
        var (left, right) = (first.Items.GetArrayLength(), second.Items.GetArrayLength());
        for (var i = 0; i < Math.Max(left, right); i++)
        {
            var (a, b) = (i < left ? first.Items[i] : default, i < right ? second.Items[i] : default);
            var ids = Values(first, i, "itemId", Member(a, "itemId"), Member(b, "itemId")).ToList();
            foreach (var difference in ids.Count > 0 ? ids : Values(first, i, "", a, b))
                yield return difference;
        }
    }

    private static IEnumerable<PageDifference> Values(RecordedPage page, int? position, string path, JsonElement first, JsonElement second)
    {
        if (first.ValueKind == JsonValueKind.Object && second.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in first.EnumerateObject().Select(m => m.Name).Union(second.EnumerateObject().Select(m => m.Name)))
            {
                foreach (var difference in Values(page, position, path.Length == 0 ? name : $"{path}.{name}", Member(first, name), Member(second, name)))
                    yield return difference;
            }
        }
        else if (!AreEqual(first, second))
            yield return new PageDifference(page, position, path, Text(first), Text(second));
    }

    private static bool AreEqual(JsonElement first, JsonElement second) => (first.ValueKind, second.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => BitConverter.DoubleToInt64Bits(first.GetDouble()) == BitConverter.DoubleToInt64Bits(second.GetDouble()),
        (JsonValueKind.Null or JsonValueKind.Undefined, JsonValueKind.Null or JsonValueKind.Undefined) => true,
        (JsonValueKind.Undefined, _) or (_, JsonValueKind.Undefined) => false,
        _ => JsonElement.DeepEquals(first, second),
    };

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? PageDifference.Absent : json.GetRawText();
}
