using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Tests.Factors;

/// <summary>A fitted space of 40 items in two groups, even and odd, and its bundle in a folder of its own.</summary>
internal sealed class FactorSample : IDisposable
{
    public const int Items = 40;
    public const int Dimension = 8;
    public const string World = "w";

    public FactorSample()
    {
        Folder = Path.Combine(Directory.CreateTempSubdirectory("kg-factors-").FullName, "bundle");
        Save();
    }

    public string Folder { get; }

    public FactorSpace Space { get; } = Fit();

    public static string IdOf(int item) => $"i{item}";

    public void Save() => FactorBundle.Write(Folder, Space, new BundleManifest { Version = "v1", WorldId = World });

    /// <summary>A user who did things to items, oldest first, a minute apart.</summary>
    public static UserSnapshot UserWho(params (EventType Type, string Item)[] history)
    {
        var (state, seen) = (new UserState(), new SeenSet());
        for (var i = 0; i < history.Length; i++)
        {
            var e = new UserEvent
            {
                UserId = "u",
                ItemId = history[i].Item,
                Type = history[i].Type,
                Value = 1,
                Timestamp = DateTimeOffset.FromUnixTimeMilliseconds((i + 1) * 60_000),
            };
            UserStateUpdater.Apply(state, seen, e, new ItemFacts(e.ItemId, "nobody", null, ItemKind.Audio, [], []));
        }
        return UserSnapshot.Create("u", state, 1_000_000_000);
    }

    public int PlaceOf(string id) => Array.BinarySearch(Space.Keys, Key64.Of(id));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);

    private static FactorSpace Fit()
    {
        var random = new Random(2);
        var keys = Enumerable.Range(0, Items).Select(i => Key64.Of(IdOf(i))).Order().ToArray();
        var place = Enumerable.Range(0, Items).ToDictionary(i => i, i => Array.BinarySearch(keys, Key64.Of(IdOf(i))));
        var likes = Enumerable.Range(0, 120).Select(
            u => Enumerable.Range(0, Items / 2).OrderBy(_ => random.Next()).Take(8).Select(i => place[(2 * i) + (u % 2)]).ToArray()).ToArray();
        var model = FactorSolver.Fit(
            SparseRows.Of(likes, Items), new FactorSettings { Dimension = Dimension, Epochs = 6 }, 2, progress: null, default);
        var tokens = new ContentToken[Items][];
        for (var i = 0; i < Items; i++)
        {
            var own = new ContentToken[ContentToken.Most];
            tokens[place[i]] = own[..ContentToken.Fill(0, 0, [Key64.Of(i % 2 == 0 ? "even" : "odd")], 0, 0, own)];
        }
        var everyone = new float[Dimension];
        foreach (var user in likes)
        {
            var vector = model.FoldIn(user);
            for (var i = 0; i < Dimension; i++)
                everyone[i] += vector[i] / likes.Length;
        }
        return new FactorSpace(keys, model, ContentRegression.Fit(tokens, model.Items, Dimension), everyone);
    }
}
