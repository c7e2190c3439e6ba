using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Recall;

/// <summary>Brings user vectors to the width of rows in memory and quantises them. Results are valid until the next call.</summary>
internal sealed class UserPacker
{
    private float[] _users = [];
    private byte[] _packed = [];

    /// <summary>The model channel's vectors of several requests.</summary>
    public QuantisedUsers Pack(List<RecallTask> tasks, int width)
    {
        Reserve(tasks.Count, width);
        for (var i = 0; i < tasks.Count; i++)
            Pad(tasks[i].ModelVector, _users.AsSpan(i * width, width));
        return QuantisedUsers.Pack(_users.AsSpan(0, tasks.Count * width), width, _packed);
    }

    /// <summary>One vector.</summary>
    public QuantisedUsers Pack(float[] vector, int width)
    {
        Reserve(1, width);
        return QuantisedUsers.Pack(Padded(vector, width), width, _packed);
    }

    /// <summary>One vector as floats, filled up with zeros.</summary>
    public ReadOnlySpan<float> Padded(float[] vector, int width)
    {
        if (vector.Length == width)
            return vector;
        Reserve(1, width);
        Pad(vector, _users.AsSpan(0, width));
        return _users.AsSpan(0, width);
    }

    private static void Pad(float[] vector, Span<float> user)
    {
        vector.CopyTo(user);
        user[vector.Length..].Clear();
    }

    // The vectors of towers and of a recall head have different widths and take turns: only growth allocates.
    private void Reserve(int users, int width)
    {
        if (_users.Length < users * width)
            _users = new float[users * width];
        if (_packed.Length < QuantisedUsers.BytesFor(users, width))
            _packed = new byte[QuantisedUsers.BytesFor(users, width)];
    }
}
