using KgOrleans.Inference.Features;
using KgOrleans.Inference.RankLogs;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>Turns replayed requests into records of a rank log, by the features that serve.</summary>
internal sealed class ReplayLog(RankLogWriter writer, FeaturePlan plan)
{
    private readonly RankLogRecord _record = new(writer.Header);
    private readonly UserView _user = new();

    public int Requests { get; private set; }

    public int HeldOutRequests { get; private set; }

    public long Rows { get; private set; }

    /// <summary>Rows with a label of 1, per objective.</summary>
    public long[] Positives { get; } = new long[writer.Header.Objectives.Count];

    public void Write(ReplayedRequest request)
    {
        var heldOut = HoldOut.IsHeldOut(request.User.UserId);
        _record.Clear();
        _user.Set(request.User);
        _record.Fill(plan, new FeatureSource(_user, new Inference.RequestContext(request.At)), row: null);
        _record.Row<long>(RankLogColumn.At)[0] = request.At;
        _record.Row<long>(RankLogColumn.User)[0] = (long)Key64.Of(request.User.UserId);
        _record.Row<long>(RankLogColumn.Request)[0] = (long)Key64.OfOptional(request.RequestId);
        _record.Row<byte>(RankLogColumn.HeldOut)[0] = heldOut ? (byte)1 : (byte)0;
        for (var i = 0; i < request.Items.Count; i++)
        {
            var row = AddItem(request.Items, i, request.At);
            _record.Row<byte>(RankLogColumn.Exposed, row)[0] = 1;
            _record.Row<long>(RankLogColumn.Position, row)[0] = request.Positions[i];
            request.Labels[i].CopyTo(_record.Row<byte>(RankLogColumn.Labels, row));
            for (var k = 0; k < Positives.Length; k++)
                Positives[k] += request.Labels[i][k];
        }
        for (var i = 0; i < request.Shadows.Count; i++)
            _record.Row<long>(RankLogColumn.Position, AddItem(request.Shadows, i, request.At))[0] = -1;
        writer.Write(_record);
        Requests++;
        HeldOutRequests += heldOut ? 1 : 0;
        Rows += request.Items.Count;
    }

    private int AddItem(ItemBlock items, int i, long at)
    {
        var row = _record.AddRow();
        ref var item = ref items.Rows[i];
        _record.Fill(plan, new FeatureSource(_user, ref item, items.ContentOf(i), new Inference.RequestContext(at)), row);
        _record.Row<long>(RankLogColumn.Item, row)[0] = (long)item.Key;
        return row;
    }
}
