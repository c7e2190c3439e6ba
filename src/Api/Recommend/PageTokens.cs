using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Recommend;

/// <summary>Page tokens: <see cref="PageState"/>, signed.</summary>
/// <param name="key">Secret, at least <see cref="MinKeyLength"/> bytes; the same on every silo that serves the API.</param>
internal sealed class PageTokens(byte[] key)
{
    /// <summary>Shortest key in bytes.</summary>
    public const int MinKeyLength = 32;

    private const byte Purpose = 1;

    // A full chain of 500 items with 1,000 excluded ones needs about 17,000 characters.
    private const int MaxTokenLength = 17_408;

    private readonly SignedText _signed = new(key, Purpose, MaxTokenLength);

    /// <summary>The token of a state.</summary>
    public string Sign(ReadOnlySpan<byte> state) => _signed.Sign(state);

    /// <summary>Verifies a token.</summary>
    /// <param name="token">As the caller sent it.</param>
    /// <param name="userId">User of the request.</param>
    /// <param name="scene">Scene of the request.</param>
    /// <param name="now">Time of the request.</param>
    /// <param name="state">The state when the token is valid.</param>
    /// <returns>Null when the token is valid; else why it is not.</returns>
    public string? Verify(string token, string userId, string scene, DateTimeOffset now, out byte[] state)
    {
        state = [];
        if (_signed.Open(token) is not { } content || !PageState.TryDecode(content, out var decoded))
            return "is not a token of this service";
        if (decoded!.UserKey != Key64.Of(userId))
            return "belongs to another user";
        if (decoded.SceneKey != Key64.Of(scene))
            return "belongs to another scene";
        if (now - DateTimeOffset.FromUnixTimeMilliseconds(decoded.IssuedAt) > PageState.Lifetime)
            return $"has expired; pages can be continued for {PageState.Lifetime.TotalMinutes:0} minutes";
        state = content;
        return null;
    }
}
