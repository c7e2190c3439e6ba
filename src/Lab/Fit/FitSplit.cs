using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// The inner split that settings are chosen on: of every user with enough likes the newest tenth is held out. Of a large history a part of the users stands
/// for all; its size is fixed, so that the same history gives the same choice on any machine.
/// </summary>
/// <param name="Train">Likes that are learnt from, of each user.</param>
/// <param name="HeldOut">Likes that are to be found again, of each user; empty for users who are not asked.</param>
internal sealed record FitSplit(int[][] Train, int[][] HeldOut)
{
    private const int MostPositives = 400_000;
    private const int MostAsked = 2_000;
    private const int FewestLikes = 5;
    private const int OneIn = 10;

    /// <summary>Users whose likes are held out.</summary>
    public int Asked { get; } = HeldOut.Count(h => h.Length > 0);

    /// <summary>Splits a history.</summary>
    public static FitSplit Of(FitData data, int seed)
    {
        var order = Enumerable.Range(0, data.Users.Length).OrderBy(u => Hash(data.UserKeys[u], 0, seed)).ThenBy(u => u).ToArray();
        var (train, heldOut) = (new List<int[]>(), new List<int[]>());
        var (positives, asked) = (0, 0);
        foreach (var user in order)
        {
            var items = data.Users[user];
            if (positives > 0 && positives + items.Length > MostPositives)
                break;
            positives += items.Length;
            var held = items.Length < FewestLikes || asked >= MostAsked ? 0 : (items.Length + OneIn - 1) / OneIn;
            asked += held > 0 ? 1 : 0;
            train.Add(items[..^held]);
            heldOut.Add(items[^held..]);
        }
        return new FitSplit([.. train], [.. heldOut]);
    }

    private static ulong Hash(ulong one, ulong two, int seed) => XxHash64.HashToUInt64(MemoryMarshal.AsBytes([one, two]), seed);
}
