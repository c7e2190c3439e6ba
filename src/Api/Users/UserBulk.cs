using KgOrleans.Api.Bulk;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Api.Users;

/// <summary>Bulk writes of profiles: every user is a grain; lanes bound how many are written at once.</summary>
internal sealed class UserBulk(IGrainFactory grains) : BulkTarget<UserDocument>
{
    // Enough for the state writes of different users to share group commits.
    private const int Lanes = 64;
    private const int BatchSize = 8;

    public override string IdOf(UserDocument document) => document.UserId;

    public override IReadOnlyList<FieldError> Validate(UserDocument document) => UserValidator.Validate(document);

    public override int LaneOf(string id) => Key64.Shard(Key64.Of(id), Lanes);

    public override BulkUpload Start(BulkOutcome outcome) => new(Lanes, BatchSize, WriteAsync, outcome);

    private async Task<WriteResult[]> WriteAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        // One after the other: a lane keeps the order of two writes of one user, and 64 lanes are parallel enough.
        var results = new WriteResult[batch.Length];
        for (var i = 0; i < batch.Length; i++)
            results[i] = await grains.GetGrain<IUserGrain>(batch[i].Id).WriteProfile(new ProfileCommand(WriteOperation.Put, batch[i].Json, null), cancellationToken);
        return results;
    }
}
