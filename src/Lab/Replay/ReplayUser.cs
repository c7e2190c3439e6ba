using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>A user in the middle of a replay.</summary>
internal sealed class ReplayUser(string userId, UserDocument? profile)
{
    public string UserId { get; } = userId;

    public UserState State { get; } = new() { Profile = profile };

    public SeenSet Seen { get; } = new();

    /// <summary>Requests whose outcome is not known yet, oldest first.</summary>
    public List<OpenRequest> Open { get; } = [];

    /// <summary>The open request of an id that began no earlier than a time.</summary>
    public OpenRequest? Find(string? requestId, long from) => Open.FindLast(r => r.RequestId == requestId && r.At >= from);

    public void Label(UserEvent e, int row, ReplayObjectives objectives)
    {
        foreach (var request in Open)
        {
            if (request.Rows.IndexOf(row) is var i and >= 0)
                objectives.Apply(e, request.Labels[i]);
        }
    }

}

/// <summary>A request that impressions and outcomes are still added to.</summary>
internal sealed class OpenRequest(long at, string? requestId, UserSnapshot user)
{
    private readonly List<ItemBlock> _items = [];
    private readonly List<ItemBlock> _shadows = [];
    private readonly List<long> _positions = [];

    public long At { get; } = at;

    public string? RequestId { get; } = requestId;

    /// <summary>Rows of the catalogue, in the order shown.</summary>
    public List<int> Rows { get; } = [];

    public List<byte[]> Labels { get; } = [];

    public void Add(int row, ItemBlock item, long position, byte[] labels)
    {
        Rows.Add(row);
        _items.Add(item);
        _positions.Add(position);
        Labels.Add(labels);
    }

    /// <summary>Adds an item that was not shown.</summary>
    public void AddShadow(ItemBlock item) => _shadows.Add(item);

    public ReplayedRequest Close()
    {
        return new ReplayedRequest(At, RequestId, user, Join(_items), [.. _positions], [.. Labels], Join(_shadows));
    }

    private static ItemBlock Join(List<ItemBlock> items)
    {
        var block = new ItemBlock(items.Count, items.Count == 0 ? 0 : items[0].ContentDimension, 0);
        for (var i = 0; i < items.Count; i++)
            block.CopyRow(i, items[i], 0);
        return block;
    }
}
