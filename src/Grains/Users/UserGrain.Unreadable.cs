using KgOrleans.Ranking.Users;
using KgOrleans.Storage;

namespace KgOrleans.Grains.Users;

/// <summary>A stored state that cannot be read: every call but an erasure is refused, and each looks at the state again.</summary>
public sealed partial class UserGrain
{
    // Why the state cannot be read; null when it can.
    private string? _unreadable;
    private Task _reopening = Task.CompletedTask;

    /// <summary>Looks once more at a state that could not be read: an operator may have repaired it. Never beside a write, which may replace it.</summary>
    private Task Reopen()
    {
        if (_unreadable is not null && _reopening.IsCompleted && _pump.IsCompleted)
            _reopening = ReadAgain();
        return _reopening;
    }

    private async Task ReadAgain()
    {
        await storage.ReadStateAsync();
        _unreadable = storage.State.Unreadable;
        _unreadable ??= Open();
    }

    /// <summary>Brings the stored state into use; returns why it cannot be.</summary>
    private string? Open()
    {
        try
        {
            UserStateFormat.Migrate(State);
            _seen = SeenSet.Unpack(State.Seen);
            MeetLog();
            return null;
        }
        catch (FormatException e)
        {
            return $"The stored state of user {UserId} cannot be read: {e.Message}.";
        }
        catch (StorageException e) when (!e.IsTransient)
        {
            return e.Message;
        }
    }

    /// <summary>Why every call but an erasure is refused.</summary>
    private StorageException Unreadable() => new(_unreadable!, isTransient: false);
}
