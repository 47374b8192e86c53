using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Not safe on several threads at once.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly SqliteConnection _connection;

    public SqliteSession(string path)
    {
        SqliteConnectionStringBuilder settings = new() { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 };
        _connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            _connection.Open();
            Execute("PRAGMA synchronous = NORMAL");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        object? value = Prepare(sql, parameters).ExecuteScalar();
        return value is DBNull ? null : value;
    }

    public T? One<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using SqliteDataReader rows = Prepare(sql, parameters).ExecuteReader();
        return rows.Read() ? read(rows) : null;
    }

    public List<T> Many<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteDataReader rows = Prepare(sql, parameters).ExecuteReader();
        List<T> found = [];
        while (rows.Read())
            found.Add(read(rows));
        return found;
    }

    /// <summary>Runs statements that are not worth keeping prepared, several at once if need be.</summary>
    public void Script(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string name, _) in parameters)
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            _prepared.Add(sql, command);
        }

        for (int i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        return command;
    }
}
