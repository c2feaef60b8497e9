// Notesd is a small HTTP API that keeps notes in PostgreSQL.
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"strconv"
	"strings"

	_ "expvar"

	_ "github.com/lib/pq"
)

type note struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to serve on")
	database := flag.String("database", "", "connection string of PostgreSQL")
	rows := flag.Int("rows", 100, "notes to begin with")
	flag.Parse()
	db, err := sql.Open("postgres", *database)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(8)
	// Fails where the table is there already, so that a database that is not fresh is noticed.
	if _, err := db.Exec(`CREATE TABLE notes (id BIGSERIAL PRIMARY KEY, text TEXT NOT NULL)`); err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO notes (text) SELECT repeat('note ', 40) FROM generate_series(1, $1::int)`, *rows); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := db.PingContext(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/notes/", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/notes/"), 10, 64)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		found := note{ID: id}
		err = db.QueryRowContext(r.Context(), `SELECT text FROM notes WHERE id = $1`, id).Scan(&found.Text)
		answer(w, found, err)
	})
	http.HandleFunc("/notes", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			added := note{Text: r.FormValue("text")}
			err := db.QueryRowContext(r.Context(), `INSERT INTO notes (text) VALUES ($1) RETURNING id`, added.Text).Scan(&added.ID)
			answer(w, added, err)
			return
		}
		list, err := latest(r, db)
		answer(w, list, err)
	})
	fmt.Println("serving on", *listen)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func latest(r *http.Request, db *sql.DB) ([]note, error) {
	rows, err := db.QueryContext(r.Context(), `SELECT id, text FROM notes ORDER BY id DESC LIMIT 50`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []note{}
	for rows.Next() {
		var one note
		if err := rows.Scan(&one.ID, &one.Text); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

func answer(w http.ResponseWriter, value any, err error) {
	if err == sql.ErrNoRows {
		http.Error(w, "no such note", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
