using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>
/// The input of a ranker by feature name, for people who ask why an item has its score. Ids are rows of their vocabularies, 0 for an id that the bundle does
/// not know.
/// </summary>
public static class RankerFeatures
{
    /// <summary>Features of the request: those of the user and of the context.</summary>
    public static Dictionary<string, float[]> OfRequest(Ranker ranker, UserSnapshot user, RequestContext context) =>
        Read(ranker, new FeatureSource(UserView.Of(user), context), perRequest: true);

    /// <summary>Features of one item, alone and with the user.</summary>
    /// <param name="ranker">The ranker.</param>
    /// <param name="user">The user.</param>
    /// <param name="items">Items as they were ranked.</param>
    /// <param name="row">Row of the item.</param>
    /// <param name="context">The request.</param>
    public static Dictionary<string, float[]> OfItem(Ranker ranker, UserSnapshot user, ItemBlock items, int row, RequestContext context) =>
        Read(ranker, ranker.SourceOf(UserView.Of(user), items, row, context), perRequest: false);

    private static Dictionary<string, float[]> Read(Ranker ranker, in FeatureSource source, bool perRequest)
    {
        var values = new Dictionary<string, float[]>();
        foreach (var input in ranker.Graph.Inputs)
        {
            if (input.IsPerRequest != perRequest)
                continue;
            var row = new float[input.Width];
            if (input.Spec.Type == TensorType.Float)
            {
                input.Fill(source, row);
            }
            else
            {
                var ids = new long[input.Width];
                input.Fill(source, ids);
                for (var i = 0; i < ids.Length; i++)
                    row[i] = ids[i];
            }
            foreach (var (name, offset, width) in input.Layout)
                values[name] = row[offset..(offset + width)];
        }
        return values;
    }
}
