using System.Text.Json;
using KgOrleans.Api.Documents;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Api.Users;

/// <summary>Profiles: every user is a grain; lanes bound how many are written at once.</summary>
internal sealed class UserStore(IGrainFactory grains) : DocumentStore<UserDocument>(Lanes, BatchSize)
{
    // Enough for the state writes of different users to share group commits.
    private const int Lanes = 64;
    private const int BatchSize = 8;

    public override string Keeper => "The user";

    public override string IdOf(UserDocument document) => document.UserId;

    public override UserDocument WithId(UserDocument document, string id) => document with { UserId = id };

    public override IReadOnlyList<FieldError> Validate(UserDocument document) => UserValidator.Validate(document);

    public override async Task<IResult?> ReadAsync(HttpContext http, string id)
    {
        if (await grains.GetGrain<IUserGrain>(id).GetDetails(http.RequestAborted) is not { } user)
            return null;
        // The tag is the profile's, for If-Match; the answer also holds the history, which moves with every event, so that it is never "not modified".
        http.Response.Headers.ETag = VersionConditions.ETag(user.Version);
        return TypedResults.Ok(Answer(id, user));
    }

    public override async Task<long?> VersionAsync(string id, CancellationToken cancellationToken) =>
        (await grains.GetGrain<IUserGrain>(id).GetDetails(cancellationToken))?.Version;

    public override Task<WriteResult> WriteAsync(WriteOperation operation, string id, byte[] json, long? ifMatch, CancellationToken cancellationToken) =>
        grains.GetGrain<IUserGrain>(id).WriteProfile(new ProfileCommand(operation, json, ifMatch), cancellationToken);

    protected override async Task<WriteResult[]> WriteBatchAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        // One after the other: a lane keeps the order of two writes of one user, and 64 lanes are parallel enough.
        var results = new WriteResult[batch.Length];
        for (var i = 0; i < batch.Length; i++)
            results[i] = await PutAsync(batch[i], cancellationToken);
        return results;
    }

    // Users are grains of their own: one that fails takes no part of its batch along.
    private async Task<WriteResult> PutAsync(BulkDocument document, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(WriteOperation.Put, document.Id, document.Json, null, cancellationToken);
        }
        catch (Exception exception) when (BulkUpload.Explain(exception, cancellationToken) is { } refused)
        {
            return refused;
        }
    }

    private static UserAnswer Answer(string userId, UserDetails user) => new(
        userId,
        user.ProfileJson is { } profile ? JsonSerializer.Deserialize<UserDocument>(profile, KgJson.Options) : null,
        user.Follows,
        JsonElement.Parse(user.HistoryJson),
        user.Version,
        user.SeenCount,
        user.SpaceId is { } space ? new UserVectorPreview(space, user.Vector) : null);
}
