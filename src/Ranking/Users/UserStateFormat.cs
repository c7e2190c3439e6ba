using System.Buffers.Binary;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Formats of the stored <see cref="UserState"/>. A state in an older format is migrated when it is read, and stored in the current format with the user's next
/// write.
/// </summary>
public static class UserStateFormat
{
    // Format 1 packed an item of the seen set as key (8 bytes), time (8) and types (2).
    private const int FirstSeenEntry = 18;

    /// <summary>Migrates a state to <see cref="UserState.CurrentFormat"/>, step by step; a state in that format stays as it is.</summary>
    /// <exception cref="FormatException">The format is unknown or newer than this code, or the content does not fit the format.</exception>
    public static void Migrate(UserState state)
    {
        if (state.Format is < 1 or > UserState.CurrentFormat)
            throw new FormatException($"the user state has format {state.Format}; this server reads formats 1..{UserState.CurrentFormat}");
        if (state.Format == 1)
            state.Seen = RepackSeen(state.Seen);
        if (state.Format < 3)
            AddReactions(state);
        // Broken bytes are found here and not in the middle of a write.
        _ = state.OpenReactions;
        state.Format = UserState.CurrentFormat;
    }

    // Formats 1 and 2 had the history in order of arrival and did not say what counts. Of what the history has forgotten, the seen set knows a later time.
    private static void AddReactions(UserState state)
    {
        state.FollowedAt = [.. new long[state.Followed.Count]];
        state.History = [.. state.History.OrderBy(h => h.At)];
        var seen = SeenSet.Unpack(state.Seen);
        var undoable = EventTypes.All.Where(t => t.Undo).Select(t => t.Type).ToArray();
        foreach (var entry in state.History)
        {
            var key = Key64.Of(entry.ItemId);
            if (undoable.Contains(entry.Type) && state.OpenReactions.Of(key, entry.Type) is { IsOn: false } none)
                state.OpenReactions.Set(key, entry.Type, none.Done(entry.At, isCounted: true));
            else if (entry.Type == EventType.Play && EventTypes.IsPositive(entry.Type, entry.Value))
                seen.SetPlayCounted(key);
        }
        foreach (var (key, at, types) in seen.Entries)
        {
            foreach (var type in undoable.Where(t => (types >> (int)t & 1) != 0))
            {
                if (state.OpenReactions.Of(key, type) is { IsOn: false } none)
                    state.OpenReactions.Set(key, type, none.Done(at, isCounted: true));
            }
        }
        state.Seen = seen.Pack();
    }

    private static byte[] RepackSeen(ReadOnlySpan<byte> first)
    {
        if (first.Length % FirstSeenEntry != 0)
            throw new FormatException($"a seen set of format 1 has {FirstSeenEntry} bytes for each item, so it cannot have {first.Length} bytes");
        var set = new SeenSet();
        for (; first.Length > 0; first = first[FirstSeenEntry..])
        {
            var (key, at) = (BinaryPrimitives.ReadUInt64LittleEndian(first), BinaryPrimitives.ReadInt64LittleEndian(first[8..]));
            set.AddAll(key, BinaryPrimitives.ReadUInt16LittleEndian(first[16..]), at);
        }
        return set.Pack();
    }
}
