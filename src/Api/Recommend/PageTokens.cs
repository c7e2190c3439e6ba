using System.Buffers.Text;
using System.Security.Cryptography;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Recommend;

/// <summary>Page tokens: <see cref="PageState"/> signed by HMAC-SHA256, base64url. Opaque to callers, who can neither make nor change them.</summary>
/// <param name="key">Secret, at least <see cref="MinKeyLength"/> bytes; the same on every silo that serves the API.</param>
internal sealed class PageTokens(byte[] key)
{
    /// <summary>Shortest key in bytes.</summary>
    public const int MinKeyLength = 32;

    private const int MacLength = HMACSHA256.HashSizeInBytes;

    // Signed with the state, so that a signature made with the same key for another purpose is not valid here.
    private const byte Purpose = 1;

    // A full chain of 500 items with 1,000 excluded ones needs about 17,000 characters.
    private const int MaxTokenLength = 17_408;

    /// <summary>The token of a state.</summary>
    public string Sign(ReadOnlySpan<byte> state)
    {
        var token = new byte[state.Length + MacLength];
        state.CopyTo(token);
        Mac(state, token.AsSpan(state.Length));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Verifies a token.</summary>
    /// <param name="token">As the caller sent it.</param>
    /// <param name="userId">User of the request.</param>
    /// <param name="scene">Scene of the request.</param>
    /// <param name="now">Time of the request.</param>
    /// <param name="state">The state when the token is valid.</param>
    /// <returns>Null when the token is valid; else why it is not.</returns>
    public string? Verify(string token, string userId, string scene, DateTimeOffset now, out byte[] state)
    {
        const string forged = "is not a token of this service";
        state = [];
        if (token.Length > MaxTokenLength || !Base64Url.IsValid(token, out var length) || length <= MacLength)
            return forged;
        var bytes = Base64Url.DecodeFromChars(token);
        // A state has exactly one token: padding, white space and stray bits in the last character are refused.
        if (Base64Url.EncodeToString(bytes) != token)
            return forged;
        var content = bytes.AsSpan(0, bytes.Length - MacLength);
        Span<byte> mac = stackalloc byte[MacLength];
        Mac(content, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes.AsSpan(content.Length)) || !PageState.TryDecode(content, out var decoded))
            return forged;
        if (decoded!.UserKey != Key64.Of(userId))
            return "belongs to another user";
        if (decoded.SceneKey != Key64.Of(scene))
            return "belongs to another scene";
        if (now - DateTimeOffset.FromUnixTimeMilliseconds(decoded.IssuedAt) > PageState.Lifetime)
            return $"has expired; pages can be continued for {PageState.Lifetime.TotalMinutes:0} minutes";
        state = content.ToArray();
        return null;
    }

    private void Mac(ReadOnlySpan<byte> content, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData([Purpose]);
        hash.AppendData(content);
        hash.GetHashAndReset(mac);
    }
}
