using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.PostgreSql
{
    /// <inheritdoc />
    internal partial class BrokerAccounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "broker_accounts",
                columns: table => new
                {
                    device = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    document = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_broker_accounts", x => x.device);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "broker_accounts");
        }
    }
}
