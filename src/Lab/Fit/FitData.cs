using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>What a fit learns from. Items and users are numbers.</summary>
/// <param name="World">World of the items.</param>
/// <param name="Keys">Keys of the items, ascending: item i is the i-th.</param>
/// <param name="Tokens">What the document of each item says; empty for an item without a document.</param>
/// <param name="UserKeys">Key of each user.</param>
/// <param name="Users">Items that each user likes, each once, oldest first.</param>
internal sealed record FitData(string World, ulong[] Keys, ContentToken[][] Tokens, ulong[] UserKeys, int[][] Users)
{
    /// <summary>Pairs of user and item.</summary>
    public int Positives { get; } = Users.Sum(u => u.Length);

    /// <summary>Users by how many there are of each item.</summary>
    public static int[] CountsOf(IEnumerable<int[]> users, int items)
    {
        var counts = new int[items];
        foreach (var user in users)
        {
            foreach (var item in user)
                counts[item]++;
        }
        return counts;
    }
}
