using System.Text.Json;
using CsCheck;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.ReRanking;

/// <summary>A random page: items with few creators, songs and kinds, rules over them, items served before and pins.</summary>
internal sealed record RuleCase(
    RuleItem[] Items, float[] Values, uint[] Shares, RuleItem[] Context, WindowRule[] Windows, ShareRule[] Minimums, int Length, PinnedItem[] Pins)
{
    private static readonly JsonElement AnyFilter = JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" });
    private static readonly ItemFilter Compiled = ItemFilter.Parse(JsonSerializer.SerializeToUtf8Bytes(AnyFilter));

    public static readonly Gen<RuleItem> Item = Gen.Select(Gen.ULong[1, 5], Gen.ULong[0, 4], Gen.Int[0, 2], Gen.UInt[0, 15])
        .Select((creator, song, kind, filters) => new RuleItem(creator, song, (ItemKind)kind, filters));

    public static readonly Gen<WindowRule> Window = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[2, 6]).Select((field, max, length) => field == 3
        ? new WindowRule { Filter = AnyFilter, Max = max, In = length }
        : new WindowRule { Field = (string[])["creatorId", "songId", "kind"] is var names ? names[field] : "", Max = Math.Max(1, max), In = length });

    private static readonly Gen<ShareRule> Minimum = Gen.Select(Gen.Int[1, 3], Gen.Int[2, 7])
        .Select((min, length) => new ShareRule { Filter = AnyFilter, Min = min, In = length });

    public static readonly Gen<RuleCase> Any =
        Gen.Select(
            Gen.Select(Item, Gen.Int[0, 9], Gen.UInt[0, 7]).Array[0, 24],
            Item.Array[0, 7], Window.Array[0, 4], Minimum.Array[0, 3], Gen.Int[0, 14], Gen.Int[0, 3], Gen.Int)
            .Select((items, context, windows, minimums, length, pins, seed) => new RuleCase(
                [.. items.Select(w => w.Item1)], [.. items.Select(w => w.Item2 / 9f)],
                minimums.Length == 0 ? [] : [.. items.Select(w => w.Item3 & ((1u << minimums.Length) - 1))],
                context, windows, minimums, length, PinsOf(items.Length, pins, seed)));

    public RuleSet Rules => Set(Windows, Minimums);

    public static RuleSet Set(WindowRule[] windows, ShareRule[] minimums) =>
        new(windows, [.. windows.Select(w => w.Filter is null ? null : Compiled)], minimums, [.. minimums.Select(m => m.Filter is null ? null : Compiled)]);

    /// <summary>The page, its promoted items and what was relaxed, by the code under test.</summary>
    public (List<int> Order, List<int> Promoted, int[] Relaxed) Run(RuleState? state = null)
    {
        state ??= new RuleState();
        state.Begin(Rules, Items, Shares, Context, Length, Pins);
        var (order, promoted) = (new List<int>(), new List<int>());
        while (!state.IsComplete)
        {
            var pick = state.Choose(Values, out var by);
            if (by)
                promoted.Add(pick);
            state.Place(pick);
            order.Add(pick);
        }
        return (order, promoted, state.Relaxed.ToArray());
    }

    private static PinnedItem[] PinsOf(int items, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, items).OrderBy(_ => random.Next()).Take(count).Select(i => new PinnedItem(i, random.Next(8)))];
    }
}
