using System.Text.Json;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Api.Users;

/// <summary>The body of <c>GET /v1/users/{userId}</c>.</summary>
/// <param name="UserId">Id.</param>
/// <param name="Profile">The profile as last written, with the follows in effect; absent for a user known by events only.</param>
/// <param name="Follows">Creators followed: those that the profile named last, and changes by events since.</param>
/// <param name="History">The newest events, newest first.</param>
/// <param name="Version">Version: the ETag without quotes.</param>
/// <param name="SeenCount">Items that count as seen.</param>
/// <param name="Vector">The user vector; absent before the first one was computed.</param>
public sealed record UserAnswer(
    string UserId, UserDocument? Profile, IReadOnlyList<string> Follows, JsonElement History, long Version, int SeenCount, UserVectorPreview? Vector);

/// <summary>First components of a user vector.</summary>
/// <param name="SpaceId">Embedding space.</param>
/// <param name="Preview">The components.</param>
public sealed record UserVectorPreview(string SpaceId, IReadOnlyList<float> Preview);
